-- How long people are kept whom nothing is told any more, how long it is kept that somebody was forgotten, and for which case somebody looked.

-- Since when a person hears of no account: set when the person comes and when the last account is left, unset while there is one.
ALTER TABLE contact.person ADD COLUMN idle_since timestamptz;
UPDATE contact.person AS p SET idle_since = p.changed_at
    WHERE p.erased_at IS NULL AND NOT EXISTS (SELECT FROM contact.subscription AS s WHERE s.person_id = p.person_id);
ALTER TABLE contact.person ADD CONSTRAINT erased_is_not_idle CHECK (erased_at IS NULL OR idle_since IS NULL);
CREATE INDEX person_idle ON contact.person (idle_since) WHERE idle_since IS NOT NULL;
CREATE INDEX person_erased ON contact.person (erased_at) WHERE erased_at IS NOT NULL;

-- The number of the request that somebody answered by looking.
ALTER TABLE contact.read ADD COLUMN case_reference text CHECK (length(case_reference) BETWEEN 1 AND 64);

-- Removes people who were forgotten seven years ago and more, with what they had agreed to. As with the log of reads, the role that keeps people cannot
-- remove them; this function can, and takes nobody away before that time, whatever the caller says.
CREATE FUNCTION contact.remove_forgotten(until timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    old uuid[];
BEGIN
    SELECT array_agg(person_id) INTO old FROM (
        SELECT person_id FROM contact.person
        WHERE erased_at < least(until, now() - interval '2557 days')
        ORDER BY erased_at LIMIT most FOR UPDATE SKIP LOCKED
    ) AS oldest;
    DELETE FROM contact.consent WHERE person_id = ANY (old);
    DELETE FROM contact.person WHERE person_id = ANY (old);
    RETURN coalesce(array_length(old, 1), 0);
END $$;
REVOKE EXECUTE ON FUNCTION contact.remove_forgotten(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact.remove_forgotten(timestamptz, integer) TO epay_contact;
