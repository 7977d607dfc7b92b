-- Money moves just before the commit, so what refers to its transaction is checked with the commit too.

ALTER TABLE payout_orders ALTER CONSTRAINT payout_orders_bank_reference_fkey DEFERRABLE INITIALLY DEFERRED;
