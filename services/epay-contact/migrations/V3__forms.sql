-- Forms that a person has the sign-in service fill in. What it tells lies here, sealed, until the person has read it and says whether it is to be
-- kept, or the form is over: a quarter of an hour at most. Nothing here is a contact that anybody is told by.

CREATE TABLE contact.form (
    form_id     uuid NOT NULL PRIMARY KEY,
    -- Who was asked: the digest, under the key that wraps the data key.
    identity    bytea NOT NULL CHECK (octet_length(identity) = 32),
    key_id      text NOT NULL,
    -- The form's own.
    data_key    bytea NOT NULL,
    -- Comes back with what is told.
    state       text NOT NULL,
    asked_at    timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at > asked_at),
    outcome     text CHECK (outcome IN ('filled', 'refused')),
    sms         bytea,
    email       bytea,
    CHECK (outcome = 'filled' OR (sms IS NULL AND email IS NULL))
);
CREATE INDEX form_by_identity ON contact.form (identity);
CREATE INDEX form_oldest ON contact.form (ends_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON contact.form TO epay_contact;
