-- Notices to people: which are planned, what became of each, and what is still to be planned. No address, no name and no telephone
-- number is kept here: a person is an id, which only the contact store can read.

-- News that the planner has not looked at yet: a batch of the outbox, or bills of an account that a person has just subscribed to.
CREATE TABLE epay.notice_news (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id  uuid UNIQUE,
    biller_id text,
    bill_id   uuid,
    person_id uuid,
    since     timestamptz,
    CHECK ((batch_id IS NULL) <> (person_id IS NULL)),
    CHECK ((person_id IS NULL) = (bill_id IS NULL) AND (bill_id IS NULL) = (biller_id IS NULL)
           AND (person_id IS NULL) = (since IS NULL))
);

CREATE TABLE epay.notice (
    -- Its last byte is nothing: a message of it has the channel and the round there.
    notice_id        uuid NOT NULL PRIMARY KEY,
    person_id        uuid NOT NULL,
    biller_id        text NOT NULL,
    bill_id          uuid NOT NULL,
    kind             text NOT NULL,
    -- Among all notices of a person and a bill: under one name a person is told once.
    name             text NOT NULL,
    about            date,
    expires_at       timestamptz NOT NULL,
    state            text NOT NULL CHECK (state IN ('created', 'sending', 'delivered', 'temporary_failure', 'permanent_failure',
                                                    'technical_failure', 'suppressed', 'expired')),
    -- By which channel it goes; unset where one must be chosen.
    channel          text CHECK (channel IN ('iamsmart_push', 'sms', 'email')),
    failed           text[] NOT NULL DEFAULT '{}',
    -- When something is to be done; while somebody has it, when that is taken for lost. Unset where nothing is.
    next_at          timestamptz,
    attempts         integer NOT NULL DEFAULT 0,
    tries            integer NOT NULL DEFAULT 0,
    round            smallint NOT NULL DEFAULT 0,
    first_try_at     timestamptz,
    -- A message may have been taken, and nobody knows.
    unsure           boolean NOT NULL DEFAULT false,
    template_version integer,
    tongue           text,
    reason           text,
    -- What it says, without names.
    details          jsonb NOT NULL DEFAULT '[]',
    created_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    -- Counts its facts.
    version          integer NOT NULL DEFAULT 0,
    UNIQUE (bill_id, person_id, name)
) WITH (fillfactor = 70); -- Most are changed twice: room for the new row on the same page.
CREATE INDEX notice_due ON epay.notice (channel, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX notice_of_biller ON epay.notice (biller_id, notice_id);
CREATE INDEX notice_ended ON epay.notice (changed_at) WHERE next_at IS NULL;

-- What was told of each: append only, until both are removed together.
CREATE TABLE epay.notice_event (
    notice_id uuid NOT NULL,
    version   integer NOT NULL,
    fact      jsonb NOT NULL,
    channel   text,
    -- The channel's own number for the message, or what it said; never an address.
    detail    text,
    at        timestamptz NOT NULL,
    PRIMARY KEY (notice_id, version)
);

-- On which days the weather keeps people at home, and who said so: append only, the last word on a day counts.
CREATE TABLE epay.severe_weather (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day      date NOT NULL,
    severe   boolean NOT NULL,
    person   text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX severe_weather_by_day ON epay.severe_weather (day, position);

GRANT SELECT, INSERT, DELETE ON epay.notice_news, epay.notice_event TO epay_service;
-- The planner takes up rows that no other one has.
GRANT UPDATE (position) ON epay.notice_news TO epay_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON epay.notice TO epay_service;
GRANT SELECT, INSERT ON epay.severe_weather TO epay_service;
