-- The e-Cheque counterparty: cheques that the paying bank issued, and those that were put into the collecting bank's drop box.

CREATE SEQUENCE echeque_numbers MINVALUE 1 MAXVALUE 999999;

CREATE TABLE echeque_cheques (
    -- bank-branch-account-number
    item         text        PRIMARY KEY,
    payer        text        NOT NULL REFERENCES accounts,
    payer_name   text        NOT NULL,
    amount_cents bigint      NOT NULL CHECK (amount_cents > 0),
    -- What the payer noted on the page; the payment's reference comes with the presentment.
    note         text        NOT NULL,
    file_sha256  text        NOT NULL UNIQUE,
    made_at      timestamptz NOT NULL
);

CREATE TABLE echeque_presentments (
    -- The payment's reference at the drop box.
    reference         text        PRIMARY KEY,
    -- No foreign key: what is refused may be no cheque of ours.
    item              text        NOT NULL,
    account           text        NOT NULL,
    file_sha256       text        NOT NULL,
    amount_cents      bigint      NOT NULL,
    state             text        NOT NULL CHECK (state IN ('RECEIVED', 'HONOURED', 'RETURNED', 'REFUSED')),
    reason            text,
    faults            jsonb       NOT NULL,
    received_at       timestamptz NOT NULL,
    presentation_date date        NOT NULL
);
-- The clearing house presents each cheque once.
CREATE UNIQUE INDEX echeque_presented_once ON echeque_presentments (item) WHERE state <> 'REFUSED';
