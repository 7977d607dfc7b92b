-- A consolidated bill demands for several things at once: its parts, in the order in which receipts clear them. Most bills have
-- none, and most receipts clear none: they stay NULL, which takes no room.

ALTER TABLE epay.bill ADD COLUMN parts jsonb CHECK (jsonb_typeof(parts) = 'array');

-- What a receipt cleared of each part. Written with the receipt, like all of it.
ALTER TABLE epay.receipt ADD COLUMN cleared_parts jsonb CHECK (jsonb_typeof(cleared_parts) = 'array');
