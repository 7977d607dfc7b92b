-- What a department owed back (a refund of money already passed on, a lost dispute) is kept from its next remittance.
ALTER TYPE ledger.journal_kind ADD VALUE 'clawback';
