-- Requests to have payments back: a payer's bank asks us, or we ask a payee's. Few, and none of them moves money.

CREATE TABLE epay.recall (
    biller_id    text NOT NULL,
    recall_id    uuid NOT NULL,
    direction    text NOT NULL CHECK (direction IN ('wanted', 'asked')),
    rail         text NOT NULL,
    -- The name under which it was asked: theirs, or the key of our order. A repeat has the same one.
    case_id      text NOT NULL,
    payment_id   uuid,
    receipt_id   uuid,
    -- The refund that gives the money back, or that is wanted back, and its order.
    refund_id    uuid,
    order_key    text,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency     text NOT NULL,
    why          text NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'returning', 'agreed', 'declined')),
    answer       text,
    person       text,
    -- When the other side took our request or answer.
    told_at      timestamptz,
    created_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    version      integer NOT NULL,
    -- When a worker must say something to the other side again, and how often it tried.
    next_at      timestamptz,
    looks        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (biller_id, recall_id),
    CONSTRAINT recall_once UNIQUE (rail, direction, case_id)
) WITH (fillfactor = 80);
CREATE INDEX recall_due ON epay.recall (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX recall_returning ON epay.recall (refund_id) WHERE state = 'returning';
-- One question about an order at a time.
CREATE UNIQUE INDEX recall_asked ON epay.recall (biller_id, refund_id, order_key)
    WHERE direction = 'asked' AND state = 'waiting';

GRANT SELECT, INSERT, UPDATE ON epay.recall TO epay_service;
