-- Four eyes and refunds. Low traffic beside payments: staff ask, two people agree, an order leaves.

-- What one person wants and another must agree to. Decided once: the decision is written only where none stands.
CREATE TABLE epay.proposal (
    biller_id    text NOT NULL,
    proposal_id  uuid NOT NULL PRIMARY KEY,
    kind         text NOT NULL,
    -- What is proposed, whole; the id beside it finds it again.
    subject      jsonb NOT NULL,
    subject_id   uuid NOT NULL,
    amount_minor bigint,
    currency     text,
    reason       text NOT NULL,
    maker        text NOT NULL,
    made_at      timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    checker      text,
    decided_at   timestamptz,
    decision     text,
    version      integer NOT NULL,
    -- The database holds the same rule as the program: nobody decides their own proposal.
    CONSTRAINT four_eyes CHECK (checker IS NULL OR checker <> maker),
    CHECK ((state = 'waiting') = (checker IS NULL)),
    CHECK ((amount_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX proposal_waiting ON epay.proposal (biller_id, proposal_id) WHERE state = 'waiting';
CREATE INDEX proposal_of ON epay.proposal (subject_id);

-- Approved proposals whose consequences are not all carried out yet. Small: a row goes when they are.
CREATE TABLE epay.proposal_pending (
    proposal_id uuid NOT NULL PRIMARY KEY,
    approved_at timestamptz NOT NULL
);

-- Who may agree to how much, in minor units; no limit where unset.
CREATE TABLE epay.approval_limit (
    role       text NOT NULL,
    kind       text NOT NULL,
    most_minor bigint CHECK (most_minor >= 0),
    PRIMARY KEY (role, kind)
);
INSERT INTO epay.approval_limit (role, kind, most_minor) VALUES
    ('supervisor', 'refund', 2000000),
    ('supervisor', 'resolution', 2000000),
    ('supervisor', 'payout_account', NULL),
    ('controller', 'refund', NULL),
    ('controller', 'resolution', NULL),
    ('controller', 'payout_account', NULL),
    -- One desk for both, until people have roles of their own.
    ('finance', 'refund', NULL),
    ('finance', 'resolution', NULL),
    ('finance', 'payout_account', NULL);

-- What may still be refunded of one part of a receipt. Made when the first refund of the receipt is asked for.
CREATE TABLE epay.refundable (
    biller_id      text NOT NULL,
    receipt_id     uuid NOT NULL,
    source         text NOT NULL,
    currency       text NOT NULL,
    received_minor bigint NOT NULL CHECK (received_minor > 0),
    taken_minor    bigint NOT NULL,
    version        integer NOT NULL,
    PRIMARY KEY (biller_id, receipt_id, source),
    -- The last lock: whatever the program does, no more goes back than came in.
    CONSTRAINT never_more_than_received CHECK (taken_minor BETWEEN 0 AND received_minor)
) WITH (fillfactor = 80);

CREATE TABLE epay.refund (
    biller_id    text NOT NULL,
    refund_id    uuid NOT NULL,
    receipt_id   uuid NOT NULL,
    payment_id   uuid,
    bill_id      uuid,
    source       text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency     text NOT NULL,
    reason       text NOT NULL,
    consent      text,
    account_id   uuid,
    proposal_id  uuid NOT NULL,
    state        text NOT NULL,
    -- The order under way, or the last one: rail, whether it is the one that brought the money, our key.
    route_rail     text,
    route_original boolean,
    order_key      text,
    -- The moment and the random bytes that the order's words carry: a repeat has the same ones.
    route_at       timestamptz,
    route_nonce    bytea CHECK (length(route_nonce) = 16),
    attempts     integer NOT NULL,
    problem      text,
    created_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    version      integer NOT NULL,
    -- When a worker must look at it: to send it, to ask what became of it, or because whoever sent it is dead.
    next_at      timestamptz,
    -- How often it was looked at since it last changed; the pauses double.
    looks        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (biller_id, refund_id),
    CHECK ((route_rail IS NULL) = (order_key IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX refund_by_receipt ON epay.refund (biller_id, receipt_id);
CREATE INDEX refund_by_order ON epay.refund (order_key) WHERE order_key IS NOT NULL;
CREATE INDEX refund_due ON epay.refund (next_at) WHERE next_at IS NOT NULL;

-- Accounts that refunds may be paid to. Personal data: read only to make an order.
CREATE TABLE epay.payout_account (
    biller_id   text NOT NULL,
    account_id  uuid NOT NULL,
    -- For money of this receipt only.
    receipt_id  uuid NOT NULL,
    bank_code   text NOT NULL,
    number      text NOT NULL,
    holder      text NOT NULL,
    proposal_id uuid NOT NULL,
    verified    boolean NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (biller_id, account_id)
);

GRANT SELECT, INSERT, UPDATE ON epay.proposal, epay.refundable, epay.refund, epay.payout_account TO epay_service;
GRANT SELECT, INSERT, DELETE ON epay.proposal_pending TO epay_service;
GRANT SELECT ON epay.approval_limit TO epay_service;
