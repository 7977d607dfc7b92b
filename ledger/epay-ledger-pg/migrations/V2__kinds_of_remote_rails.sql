-- Journals of rails that authorise, promise, keep their fee back and dispute. Values are added, never renamed.
ALTER TYPE ledger.journal_kind ADD VALUE 'authorisation';
ALTER TYPE ledger.journal_kind ADD VALUE 'conditional';
ALTER TYPE ledger.journal_kind ADD VALUE 'conditional_receipt';
ALTER TYPE ledger.journal_kind ADD VALUE 'payout';
ALTER TYPE ledger.journal_kind ADD VALUE 'chargeback';
ALTER TYPE ledger.journal_kind ADD VALUE 'chargeback_reversed';
