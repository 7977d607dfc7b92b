-- Fewer rows a payment: what one command does to one bill or payment is one row of events, and what a batch puts into
-- the outbox is one row of lines. Rows and index entries cost more than the bytes in them. The views keep the names
-- under which people look at them: one event, one line.

-- What a command did to one bill or payment, in order: append only. The first event has `version`, the next one more.
CREATE TABLE epay.history (
    biller_id    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      integer NOT NULL,
    events       json NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (biller_id, aggregate_id, version)
);

INSERT INTO epay.history (biller_id, aggregate_id, version, events, at)
    SELECT biller_id, aggregate_id, version, json_build_array(body), at FROM epay.event;
DROP TABLE epay.event;

CREATE VIEW epay.event AS
    SELECT h.biller_id, h.aggregate_id, h.version + place::integer - 1 AS version, body ->> 'kind' AS kind, body, h.at
      FROM epay.history AS h, json_array_elements(h.events) WITH ORDINALITY AS one(body, place);

GRANT SELECT, INSERT ON epay.history TO epay_service;
GRANT SELECT ON epay.event TO epay_service;

-- The lines of a batch, in order. Read as a whole, once, a moment after they were written; never compressed, because that
-- would cost more than it saves in the minutes of their life.
ALTER TABLE epay.outbox_batch ADD COLUMN lines json NOT NULL DEFAULT '[]';
ALTER TABLE epay.outbox_batch ALTER COLUMN lines SET STORAGE EXTERNAL;

UPDATE epay.outbox_batch AS b SET lines = l.lines
  FROM (SELECT batch_id, json_agg(json_build_object('biller', biller_id, 'kind', kind, 'bill', bill_id, 'payment', payment_id,
               'minor', minor, 'due_at', due_at) ORDER BY line) AS lines
          FROM epay.outbox GROUP BY batch_id) AS l
 WHERE l.batch_id = b.batch_id;
DROP TABLE epay.outbox;

CREATE VIEW epay.outbox AS
    SELECT b.batch_id, (place - 1)::integer AS line, one ->> 'biller' AS biller_id, one ->> 'kind' AS kind,
           (one ->> 'bill')::uuid AS bill_id, (one ->> 'payment')::uuid AS payment_id, (one ->> 'minor')::bigint AS minor,
           (one ->> 'due_at')::timestamptz AS due_at
      FROM epay.outbox_batch AS b, json_array_elements(b.lines) WITH ORDINALITY AS l(one, place);

GRANT SELECT ON epay.outbox TO epay_service;

-- The fee of each receipt, and the journal that accrued it together with others.
ALTER TABLE epay.receipt ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0);
ALTER TABLE epay.receipt ADD COLUMN fee_journal_id uuid;
