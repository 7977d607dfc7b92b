-- Payment orders of the bank's customers, and what is asked about payments afterwards.

CREATE TABLE payout_orders (
    sequence         bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    message_id       text        PRIMARY KEY,
    end_to_end_id    text        NOT NULL,
    body_sha256      text        NOT NULL,
    debtor_account   text        NOT NULL,
    creditor_bank    text        NOT NULL,
    creditor_account text        NOT NULL,
    creditor_name    text        NOT NULL,
    amount_cents     bigint      NOT NULL,
    currency         text        NOT NULL,
    remittance       text        NOT NULL,
    state            text        NOT NULL CHECK (state IN ('ACCEPTED', 'PAID', 'REJECTED', 'RETURNED')),
    reason           text,
    -- The bank's reference of the debit.
    bank_reference   text        REFERENCES transactions,
    faults           jsonb       NOT NULL,
    received_at      timestamptz NOT NULL
);
-- A payment is made once: another order with its end-to-end id is refused, and only kept as refused.
CREATE UNIQUE INDEX payout_orders_end_to_end_id ON payout_orders (end_to_end_id) WHERE state <> 'REJECTED';

-- Requests to have a payment back: from a payer, for the customer to answer, or from the customer about an order.
CREATE TABLE payout_recalls (
    sequence       bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    case_id        text        PRIMARY KEY,
    -- The customer is asked, or asks.
    direction      text        NOT NULL CHECK (direction IN ('to_customer', 'from_customer')),
    -- The credit that is wanted back, or the debit.
    bank_reference text        NOT NULL REFERENCES transactions,
    reason         text        NOT NULL,
    answer         text        CHECK (answer IN ('CNCL', 'RJCR')),
    answer_reason  text,
    asked_at       timestamptz NOT NULL
);
