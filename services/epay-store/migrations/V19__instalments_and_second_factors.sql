-- A bill may be paid by instalments, and may ask its payer for something beside its number. Of that only a keyed digest is
-- kept: the key is not in this database.

ALTER TABLE epay.bill
    ADD COLUMN instalments jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(instalments) = 'array'),
    ADD COLUMN instalment_missed boolean NOT NULL DEFAULT false,
    ADD COLUMN second_factor bytea CHECK (octet_length(second_factor) = 32);
