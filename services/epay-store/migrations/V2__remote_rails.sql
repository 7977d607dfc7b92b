-- Payments through rails that answer over a network: orders to them, what they promise, what is not known yet.
--
-- A payment that is only shown to the payer writes nothing here beyond its own row.

ALTER TABLE epay.payment
    ALTER COLUMN presentation DROP NOT NULL,
    ALTER COLUMN presentation TYPE jsonb USING
        CASE WHEN presentation = '' THEN NULL
             ELSE jsonb_build_object('kind', 'qr', 'payload', presentation) END,
    ADD COLUMN method text NOT NULL DEFAULT '',
    -- Every bill and its share, where there are several. Written once, read only with its payment.
    ADD COLUMN parts jsonb,
    -- What is known of it where its rail is asked over a network; see `Remote` in the domain.
    ADD COLUMN remote jsonb,
    -- When it must be looked at again, and since when its outcome is not known. Neither is ever set on a payment that
    -- is only shown, so that its update keeps to one page in spite of the two indexes.
    ADD COLUMN next_at timestamptz,
    ADD COLUMN unclear_since timestamptz;
ALTER TABLE epay.payment ALTER COLUMN method DROP DEFAULT;

CREATE INDEX payment_due ON epay.payment (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX payment_unclear ON epay.payment (unclear_since, payment_id) WHERE unclear_since IS NOT NULL;
CREATE INDEX payment_parts ON epay.payment USING gin (parts jsonb_path_ops) WHERE parts IS NOT NULL;

-- Payments that may still take money for a bill: an array of ids. Another attempt waits for their end.
ALTER TABLE epay.bill ADD COLUMN under_way jsonb NOT NULL DEFAULT '[]';

-- A credit that pays several bills makes a receipt for each.
ALTER TABLE epay.receipt ADD COLUMN part integer NOT NULL DEFAULT 1;
DROP INDEX epay.receipt_once;
CREATE UNIQUE INDEX receipt_once ON epay.receipt (biller_id, rail, rail_account, rail_reference, part);

-- Which order a message answers, and with which HTTP status.
ALTER TABLE epay.rail_message
    ADD COLUMN order_biller text,
    ADD COLUMN order_key text,
    ADD COLUMN reply_status integer;

-- Orders for rails. `queued` waits for next_at; `sent` may be on the wire until next_at, after which whoever had it is
-- dead; the others are ends. A row is never removed: it is the evidence of what was asked.
CREATE TABLE epay.rail_order (
    biller_id  text NOT NULL,
    order_key  text NOT NULL,
    payment_id uuid NOT NULL,
    rail       text NOT NULL,
    kind       text NOT NULL,
    -- What is asked, without the bytes of an instrument.
    ask        jsonb NOT NULL,
    -- What the rail asked to have handed back, as it was when the order was made.
    kept       text,
    -- The moment and the random bytes that the rail's words carry: a repeat has the same ones.
    at         timestamptz NOT NULL,
    nonce      bytea NOT NULL CHECK (length(nonce) = 16),
    state      text NOT NULL CHECK (state IN ('queued', 'sent', 'answered', 'unknown', 'not_sent')),
    tries      integer NOT NULL DEFAULT 0,
    -- It may have left the house once: a repeat must then be word for word the same.
    left_house boolean NOT NULL DEFAULT false,
    next_at    timestamptz NOT NULL,
    detail     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (biller_id, order_key)
) WITH (fillfactor = 80);
CREATE INDEX rail_order_waiting ON epay.rail_order (rail, next_at) WHERE state IN ('queued', 'sent');
CREATE INDEX rail_order_of_payment ON epay.rail_order (biller_id, payment_id);

-- What a payer handed over, apart, and only until its order has been answered.
CREATE TABLE epay.rail_instrument (
    biller_id text NOT NULL,
    order_key text NOT NULL,
    kind      text NOT NULL,
    bytes     bytea NOT NULL,
    PRIMARY KEY (biller_id, order_key)
);

-- What may be used once only on a rail, and the order that used it.
CREATE TABLE epay.rail_use (
    rail      text NOT NULL,
    what      text NOT NULL,
    biller_id text NOT NULL,
    order_key text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (rail, what)
);

-- Movements of money at a rail that are no receipt: payouts, chargebacks. Append only; told twice is one.
CREATE TABLE epay.movement (
    biller_id      text NOT NULL,
    rail           text NOT NULL,
    rail_account   text NOT NULL,
    rail_reference text NOT NULL,
    kind           text NOT NULL,
    payment_id     uuid,
    currency       text NOT NULL,
    amount_minor   bigint NOT NULL,
    fee_minor      bigint NOT NULL,
    items          integer NOT NULL,
    value_date     date NOT NULL,
    message_id     uuid NOT NULL,
    journal_id     uuid NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (biller_id, rail, rail_account, rail_reference, kind)
);

GRANT SELECT, INSERT, UPDATE ON epay.rail_order TO epay_service;
GRANT SELECT, INSERT, DELETE ON epay.rail_instrument TO epay_service;
GRANT SELECT, INSERT, UPDATE ON epay.rail_use TO epay_service;
GRANT SELECT, INSERT ON epay.movement TO epay_service;
