-- The bank's statements of its own books, and the files that tell of them.

CREATE TABLE statements (
    account       text        NOT NULL REFERENCES accounts,
    -- Which statement of the account, from 1; the number that is told may be another one, by a fault.
    place         bigint      NOT NULL,
    told_number   bigint      NOT NULL,
    business_date date        NOT NULL,
    -- Every transaction up to this one, and after that of the statement before, is in it.
    upto_sequence bigint      NOT NULL,
    opening_cents bigint      NOT NULL,
    closing_cents bigint      NOT NULL,
    entries       bigint      NOT NULL,
    faults        jsonb       NOT NULL,
    made_at       timestamptz NOT NULL,
    PRIMARY KEY (account, place)
);

CREATE TABLE statement_files (
    sequence   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name  text        NOT NULL UNIQUE,
    account    text        NOT NULL,
    place      bigint      NOT NULL,
    format     text        NOT NULL CHECK (format IN ('camt.053', 'mt940')),
    body       text        NOT NULL,
    -- Held back until a later statement of the account was put down.
    held       boolean     NOT NULL,
    -- When it was put into the folder; unset while it was not, or where there is no folder.
    written_at timestamptz
);
CREATE INDEX statement_files_waiting ON statement_files (sequence) WHERE written_at IS NULL;
