-- Departments replace what a bill says; each revision counts one higher, and is an event.

ALTER TABLE epay.bill ADD COLUMN revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0);
