-- Journals of what the bank told before its statement does. Values are added, never renamed.
ALTER TYPE ledger.journal_kind ADD VALUE 'promise_honoured';
ALTER TYPE ledger.journal_kind ADD VALUE 'return_debited';
ALTER TYPE ledger.journal_kind ADD VALUE 'debit_short';
