-- Who may agree to the end of a break, and to how much. Who may approve at all is what the gateway's table of calls says;
-- finance reads, so the limits that it had while one desk did both are gone.
INSERT INTO epay.approval_limit (role, kind, most_minor) VALUES
    ('supervisor', 'break_resolution', 2000000),
    ('controller', 'break_resolution', NULL),
    ('supervisor', 'accept_statement', NULL),
    ('controller', 'accept_statement', NULL);
DELETE FROM epay.approval_limit WHERE role = 'finance';

-- A statement that was set apart counts once two people accepted it.
ALTER TABLE recon.statement DROP CONSTRAINT statement_state_check;
ALTER TABLE recon.statement ADD CONSTRAINT statement_state_check
    CHECK (state IN ('reading', 'complete', 'repeated', 'set_apart', 'accepted'));

-- The break that says of something expected that it is not there, or because of which it is expected. A day of an account
-- that no statement came for is one break for all of its payments.
ALTER TABLE recon.expectation ADD COLUMN break_id uuid;
CREATE INDEX expectation_of_break ON recon.expectation (biller_id, break_id) WHERE break_id IS NOT NULL;
GRANT UPDATE (break_id) ON recon.expectation TO epay_service;
