-- A bill may say which vehicle licence it renews. Of the registration mark only the last characters are kept, at most half of them.

ALTER TABLE epay.bill
    ADD COLUMN licence_mark text CHECK (licence_mark ~ '^[*]+[A-Z0-9]{0,3}$' AND length(licence_mark) <= 8),
    ADD COLUMN licence_expires_on date,
    ADD CHECK ((licence_mark IS NULL) = (licence_expires_on IS NULL));

-- Tables of holidays that somebody loaded, as the 1823 service publishes them, and who did: append only. Of a year the last table that has
-- it counts.
CREATE TABLE epay.holiday_table (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content  text NOT NULL,
    person   text NOT NULL,
    at       timestamptz NOT NULL
);
GRANT SELECT, INSERT ON epay.holiday_table TO epay_service;

-- News that the holidays are others: a row without a batch and without a person. Its bill is the last that was planned anew.
ALTER TABLE epay.notice_news
    DROP CONSTRAINT notice_news_check,
    DROP CONSTRAINT notice_news_check1,
    ADD CHECK ((batch_id IS NULL) = (bill_id IS NOT NULL) AND (bill_id IS NULL) = (biller_id IS NULL)),
    ADD CHECK ((person_id IS NULL) = (since IS NULL) AND (person_id IS NULL OR batch_id IS NULL));
GRANT UPDATE (biller_id, bill_id) ON epay.notice_news TO epay_service;
