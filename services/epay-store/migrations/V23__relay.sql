-- The relay of events into a message broker: which batches of the outbox it has not carried yet.

-- Whether anybody relays: one row. Read by the statement that writes a batch, so that the processes which write need no
-- configuration of their own and agree at once.
CREATE TABLE epay.relay_switch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    enabled  boolean NOT NULL
);
INSERT INTO epay.relay_switch (enabled) VALUES (false);

-- Batches that wait, in the order in which they were written: of one bill or refund, the order of the commits. A row
-- goes when the broker has everything of its batch.
CREATE TABLE epay.relay (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id uuid NOT NULL
);

GRANT SELECT, UPDATE (enabled) ON epay.relay_switch TO epay_service;
GRANT SELECT, INSERT, DELETE ON epay.relay TO epay_service;
