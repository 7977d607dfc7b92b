-- A promise that had been honoured was returned unpaid after all: the department owes what it was credited with.
ALTER TYPE ledger.journal_kind ADD VALUE 'returned_unpaid';
