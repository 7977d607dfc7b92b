-- Journals of the bank's statement and of what people decide about differences. Values are added, never renamed.
ALTER TYPE ledger.journal_kind ADD VALUE 'settlement_short';
ALTER TYPE ledger.journal_kind ADD VALUE 'settlement_over';
ALTER TYPE ledger.journal_kind ADD VALUE 'shortfall_received';
ALTER TYPE ledger.journal_kind ADD VALUE 'surplus_returned';
ALTER TYPE ledger.journal_kind ADD VALUE 'unidentified_credit';
ALTER TYPE ledger.journal_kind ADD VALUE 'unexpected_debit';
ALTER TYPE ledger.journal_kind ADD VALUE 'credit_identified';
ALTER TYPE ledger.journal_kind ADD VALUE 'debit_identified';
ALTER TYPE ledger.journal_kind ADD VALUE 'held_to_suspense';
ALTER TYPE ledger.journal_kind ADD VALUE 'write_off';
ALTER TYPE ledger.journal_kind ADD VALUE 'department_claim';
ALTER TYPE ledger.journal_kind ADD VALUE 'fee_claimed';
ALTER TYPE ledger.journal_kind ADD VALUE 'chargeback_lost';
