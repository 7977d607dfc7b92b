-- Push messages are among what arrived, with their fate; and forms that a service asks people to fill in.

INSERT INTO arrivals (channel, name, sender, recipient, language, title, body, order_sha256, fate, copies, arrived_at)
SELECT 'iam-smart', business_id, client_id, person, language, title, body, '', 'delivered', times_sent, taken_at
FROM iam_smart_pushes ORDER BY taken_at;

DROP TABLE iam_smart_pushes;

-- What a token is good for.
ALTER TABLE iam_smart_tokens ADD COLUMN scope text NOT NULL DEFAULT '';

CREATE TABLE iam_smart_forms (
    ticket_id    text        PRIMARY KEY,
    client_id    text        NOT NULL,
    -- The service's name for the request makes it one, however often it is asked.
    business_id  text        NOT NULL,
    person       text        NOT NULL,
    redirect     text        NOT NULL,
    state        text        NOT NULL,
    form_name    text        NOT NULL,
    description  text        NOT NULL,
    fields       text[]      NOT NULL,
    asked_at     timestamptz NOT NULL,
    -- What the person said, once.
    answer       text        CHECK (answer IN ('approve', 'refuse', 'cancel')),
    answered_at  timestamptz,
    UNIQUE (client_id, business_id),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
