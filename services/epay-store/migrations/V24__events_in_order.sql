-- Events that departments read as a stream: each department's, numbered without a gap in an order in which a reader can go on.

-- Batches with news that nobody has numbered yet, in the order in which they were written: of one bill or refund, the order
-- of the commits.
CREATE TABLE epay.unnumbered_batch (
    batch_id uuid NOT NULL PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE
);
-- What was written before is in the order of its ids, which is that of time.
INSERT INTO epay.unnumbered_batch (batch_id) SELECT batch_id FROM epay.outbox_batch ORDER BY batch_id;

-- Where the events of a department lie in the outbox. They go with their batch.
CREATE TABLE epay.event_number (
    biller_id text    NOT NULL,
    number    bigint  NOT NULL,
    batch_id  uuid    NOT NULL,
    -- Its place among the lines of the batch, from 0.
    line      integer NOT NULL,
    PRIMARY KEY (biller_id, number)
);
CREATE INDEX event_number_batch ON epay.event_number (batch_id);

-- The last number that a department's events have had.
CREATE TABLE epay.event_sequence (
    biller_id   text   NOT NULL PRIMARY KEY,
    last_number bigint NOT NULL
);

GRANT SELECT, INSERT, DELETE ON epay.unnumbered_batch, epay.event_number TO epay_service;
GRANT SELECT, INSERT, UPDATE (last_number) ON epay.event_sequence TO epay_service;
