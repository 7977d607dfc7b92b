-- What a payer's bank takes back (a dispute, a promise that was returned after it counted) lowers what may be refunded.

ALTER TABLE epay.refundable
    -- Taken back while it was here.
    ADD COLUMN reclaimed_minor bigint NOT NULL DEFAULT 0 CHECK (reclaimed_minor >= 0),
    -- Taken back although refunds had taken it: gone twice, until people mend it.
    ADD COLUMN short_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT short_of_what_was_taken CHECK (short_minor BETWEEN 0 AND taken_minor),
    DROP CONSTRAINT never_more_than_received,
    -- The last lock: whatever the program does, no more goes back than came in, whoever gives it.
    ADD CONSTRAINT never_more_than_received CHECK (taken_minor >= 0 AND taken_minor + reclaimed_minor <= received_minor);

-- What disputes took of a payment so far. Movements are few beside payments, and most are of no payment.
CREATE INDEX movement_of_payment ON epay.movement (biller_id, payment_id) WHERE payment_id IS NOT NULL;
