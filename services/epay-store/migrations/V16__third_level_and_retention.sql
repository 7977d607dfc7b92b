-- The third level of reconciliation: files beside what departments say of them, remittances beside files.

-- The name of a file in matches and breaks: a match is about ids. Files that are there get one now; nobody changes it, because
-- nobody changes a file.
ALTER TABLE feed.file ADD COLUMN file_id uuid NOT NULL DEFAULT gen_random_uuid();
CREATE UNIQUE INDEX file_by_id ON feed.file (biller_id, file_id);

-- Every word since the last run.
CREATE INDEX acknowledgement_by_time ON feed.acknowledgement (biller_id, at);

-- Breaks of this level, and debits of the bank that two people said were remittances.
CREATE INDEX break_of_department ON recon.break (biller_id, currency) WHERE level = 'L3';
CREATE INDEX break_remitted ON recon.break (biller_id, currency) WHERE ended -> 'resolution' ->> 'kind' = 'remittance';

-- Retention of what departments' systems were told. One row: events from before then may be gone, and are not replayed.
CREATE TABLE webhook.retention (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    kept_from timestamptz NOT NULL
);
INSERT INTO webhook.retention (kept_from) VALUES ('-infinity');
-- What ended first goes first. Deliveries that wait are in no batch, so they are not in the index.
CREATE INDEX delivery_ended ON webhook.delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX event_oldest ON webhook.event (at);
GRANT SELECT ON webhook.retention TO epay_service;
GRANT UPDATE (kept_from) ON webhook.retention TO epay_service;
GRANT DELETE ON webhook.delivery, webhook.attempt, webhook.event, epay.outbox_batch TO epay_service;
