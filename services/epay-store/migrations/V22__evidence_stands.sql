-- A file whose bytes are not the ones that were announced is set apart as it came, under the digest that it does not have. The file that has it may
-- still come, so the two are told apart.
DROP INDEX epay.rail_file_once;
CREATE UNIQUE INDEX rail_file_once ON epay.rail_file (rail, digest) WHERE code IS DISTINCT FROM 'digest_differs';

-- Two entries of one day under one reference and with different amounts are two movements: only the same amount again is the same entry.
DROP INDEX recon.statement_entry_once;
CREATE UNIQUE INDEX statement_entry_once
    ON recon.statement_entry (biller_id, account, bank_reference, direction, booking_date, amount_minor) WHERE standing = 'counts';

-- Business days that a rail told whole, by a file that was booked. Nothing else says that a rail which sends files has reported a day.
CREATE TABLE epay.rail_day (
    rail       text NOT NULL,
    day        date NOT NULL,
    -- The message or file that told it first.
    message_id uuid NOT NULL,
    told_at    timestamptz NOT NULL,
    PRIMARY KEY (rail, day)
);
GRANT SELECT, INSERT ON epay.rail_day TO epay_service;

-- A row that is written by hand, or a statement that was set apart, can be of any sum, and the bank's account moves by it: that is for a controller,
-- as it is above the supervisors' limit everywhere else.
DELETE FROM epay.approval_limit WHERE role = 'supervisor' AND kind IN ('redrive_row', 'accept_statement');
