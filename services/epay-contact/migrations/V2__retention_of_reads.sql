-- How long it is known who looked. The role that writes the log cannot remove from it; this function can, and takes nothing away before its time,
-- whatever the caller says. It runs with its owner's rights.
CREATE FUNCTION contact.remove_reads(until timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM contact.read WHERE read_id IN (
        SELECT read_id FROM contact.read
        WHERE at < least(until, now() - interval '730 days')
        ORDER BY at LIMIT most
    );
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
REVOKE EXECUTE ON FUNCTION contact.remove_reads(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact.remove_reads(timestamptz, integer) TO epay_contact;
