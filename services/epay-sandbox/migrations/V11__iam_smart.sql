-- iAM Smart: content keys of the services, sign-ins, tokens, and push messages.

CREATE TABLE iam_smart_keys (
    key_no     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id  text        NOT NULL,
    content_key bytea      NOT NULL CHECK (octet_length(content_key) = 32),
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX iam_smart_keys_newest ON iam_smart_keys (client_id, key_no);

CREATE TABLE iam_smart_sign_ins (
    sign_in_id text        PRIMARY KEY,
    client_id  text        NOT NULL,
    redirect   text        NOT NULL,
    state      text        NOT NULL,
    scope      text        NOT NULL,
    created_at timestamptz NOT NULL,
    -- What the browser went back with, when the person has answered.
    code       text UNIQUE,
    person     text,
    ended_at   timestamptz,
    -- A code is good once.
    used_at    timestamptz
);

CREATE TABLE iam_smart_tokens (
    access_token text        PRIMARY KEY,
    client_id    text        NOT NULL,
    person       text        NOT NULL,
    issued_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

-- A service's name for a push message makes it one message, however often it is sent.
CREATE TABLE iam_smart_pushes (
    client_id   text        NOT NULL,
    business_id text        NOT NULL,
    message_id  text        NOT NULL UNIQUE,
    person      text        NOT NULL,
    title       text        NOT NULL,
    body        text        NOT NULL,
    language    text        NOT NULL,
    taken_at    timestamptz NOT NULL,
    times_sent  integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (client_id, business_id)
);
CREATE INDEX iam_smart_pushes_newest ON iam_smart_pushes (taken_at);
