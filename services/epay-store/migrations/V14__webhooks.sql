-- Webhooks: receivers that departments register, what they are told, and what became of each delivery.

CREATE SCHEMA webhook;

CREATE TABLE webhook.endpoint (
    biller_id     text NOT NULL,
    endpoint_id   uuid NOT NULL,
    url           text NOT NULL,
    description   text NOT NULL,
    -- Words; everything when empty.
    event_types   text[] NOT NULL,
    state         text NOT NULL CHECK (state IN ('enabled', 'disabled', 'deleted')),
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    -- Counts what its department changes, keys included; how it is doing is not counted.
    version       integer NOT NULL,
    -- How it is doing: failures since the last success, when they began, and until when it is left alone.
    failures      integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since timestamptz,
    paused_until  timestamptz,
    suspended_at  timestamptz,
    PRIMARY KEY (biller_id, endpoint_id)
) WITH (fillfactor = 80);

-- What signs for a receiver, sealed: 64 bytes are a shared secret and the seed of an Ed25519 pair.
CREATE TABLE webhook.signing_key (
    biller_id    text NOT NULL,
    endpoint_id  uuid NOT NULL,
    key_id       uuid NOT NULL,
    vault_key_id text NOT NULL,
    sealed       bytea NOT NULL,
    -- The public half, as receivers' libraries take it.
    public_key   text NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Unset for the newest; an older one signs beside it until then.
    expires_at   timestamptz,
    PRIMARY KEY (biller_id, endpoint_id, key_id)
);

-- What departments are told, as it is sent: append only. Kept whoever listens, so that it can be replayed.
CREATE TABLE webhook.event (
    biller_id text NOT NULL,
    event_id  text NOT NULL,
    type      text NOT NULL,
    at        timestamptz NOT NULL,
    body      text NOT NULL,
    PRIMARY KEY (biller_id, event_id)
);
CREATE INDEX event_by_time ON webhook.event (biller_id, at, event_id);

-- One event for one receiver.
CREATE TABLE webhook.delivery (
    biller_id   text NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id    text NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    -- How often it was taken up in all; the number of the last attempt.
    attempts    integer NOT NULL DEFAULT 0,
    -- How often it failed since it was queued or replayed.
    tries       integer NOT NULL DEFAULT 0,
    -- When it is due; while somebody has it, when it is taken for lost.
    next_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (biller_id, endpoint_id, event_id)
) WITH (fillfactor = 70);
CREATE INDEX delivery_due ON webhook.delivery (biller_id, endpoint_id, next_at) WHERE state = 'waiting';

-- The log of deliveries: append only.
CREATE TABLE webhook.attempt (
    biller_id   text NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id    text NOT NULL,
    attempt     integer NOT NULL,
    at          timestamptz NOT NULL,
    -- The receiver's status; unset where there was none, and `problem` says why.
    status      integer,
    problem     text,
    latency_ms  integer NOT NULL,
    -- The beginning of the answer, without control characters.
    response    text NOT NULL,
    PRIMARY KEY (biller_id, endpoint_id, event_id, attempt)
);

-- Who had what sent again: append only.
CREATE TABLE webhook.replay (
    biller_id   text NOT NULL,
    replay_id   uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    delivered   boolean NOT NULL,
    events      bigint NOT NULL,
    -- Where the next one would begin, when the bound cut this one short.
    next_at     timestamptz,
    person      text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (biller_id, replay_id)
);

GRANT USAGE ON SCHEMA webhook TO epay_service;
GRANT SELECT, INSERT, UPDATE ON webhook.endpoint, webhook.delivery TO epay_service;
GRANT SELECT, INSERT ON webhook.signing_key, webhook.event, webhook.attempt, webhook.replay TO epay_service;
-- A key may only come to its end.
GRANT UPDATE (expires_at) ON webhook.signing_key TO epay_service;
