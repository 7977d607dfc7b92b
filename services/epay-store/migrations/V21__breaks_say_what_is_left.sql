-- A break that stands for several payments says what is left of them: some were seen, or more came to be missing with them.
GRANT UPDATE (difference_minor, expected) ON recon.break TO epay_service;

-- A settlement report that comes to nothing or less is kept for its rows: no money is expected with it, and a later report
-- carries its sum.
ALTER TABLE recon.settlement_batch DROP CONSTRAINT settlement_batch_net_minor_check;
ALTER TABLE recon.settlement_batch ADD CONSTRAINT settlement_batch_net_minor_check CHECK (net_minor >= 0);
