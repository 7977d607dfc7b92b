-- What reached people: SMS, mails, and whatever other kind joins them.

CREATE TABLE arrivals (
    sequence     bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    channel      text        NOT NULL,
    -- The sender's name for the message. The same again is the same message.
    name         text        NOT NULL,
    sender       text        NOT NULL,
    recipient    text        NOT NULL,
    language     text        NOT NULL,
    title        text        NOT NULL,
    body         text        NOT NULL,
    -- Of everything that the sender asked for: under one name it cannot be another.
    order_sha256 text        NOT NULL,
    fate         text        NOT NULL CHECK (fate IN ('delivered', 'temporary-failure', 'permanent-failure', 'technical-failure')),
    -- How often it was handed over.
    copies       bigint      NOT NULL DEFAULT 1,
    arrived_at   timestamptz NOT NULL,
    PRIMARY KEY (channel, name)
);
