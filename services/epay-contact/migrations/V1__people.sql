-- People who agreed to be told of bills, and where they are reached. Nothing outside this schema holds a contact, and nothing in it is
-- money: a person is forgotten without a journal, a payment or a bill being touched.
--
-- Each person has a data key, kept wrapped by a key that is not in the database. Contacts and accounts are sealed with the data key, and found by
-- keyed digests (blind indexes). All digests of a person are made with the key that wraps the data key, so that `key_id` says of the
-- whole person which key is still needed.

CREATE SCHEMA contact;

CREATE TABLE contact.person (
    person_id  uuid NOT NULL PRIMARY KEY,
    -- Which key wraps the data key and makes the digests.
    key_id     text,
    data_key   bytea,
    -- The digest of who the person is at the sign-in service; unset for one who was never signed in.
    identity   bytea UNIQUE CHECK (octet_length(identity) = 32),
    tongue     text NOT NULL CHECK (tongue IN ('en-HK', 'zh-HK', 'zh-CN', 'both')),
    -- Ways by which the person agreed to be told, the best first.
    channels   text[] NOT NULL CHECK (channels <@ ARRAY['iamsmart_push', 'sms', 'email']),
    reminders  boolean NOT NULL,
    -- Hours on Hong Kong's clocks without reminders.
    quiet_from  time,
    quiet_until time,
    -- The client that the person came by.
    client     text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    erased_at  timestamptz,
    version    integer NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK ((data_key IS NULL) = (key_id IS NULL)),
    -- Who is forgotten has no key, and nothing is left that the key would open.
    CHECK ((data_key IS NULL) = (erased_at IS NOT NULL)),
    CHECK (erased_at IS NULL OR (identity IS NULL AND quiet_from IS NULL AND NOT reminders AND channels = '{}'))
);
-- What still waits for a newer key.
CREATE INDEX person_by_key ON contact.person (key_id, person_id) WHERE key_id IS NOT NULL;

-- One address on one channel, sealed.
CREATE TABLE contact.point (
    person_id uuid NOT NULL REFERENCES contact.person,
    channel   text NOT NULL CHECK (channel IN ('iamsmart_push', 'sms', 'email')),
    sealed    bytea NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (person_id, channel)
);

-- Accounts whose bills a person is told of.
CREATE TABLE contact.subscription (
    person_id       uuid NOT NULL REFERENCES contact.person,
    subscription_id uuid NOT NULL,
    biller_id       text NOT NULL,
    bill_type       text NOT NULL,
    -- The digest of department, kind and account: what a bill is looked up by.
    account         bytea NOT NULL CHECK (octet_length(account) = 32),
    -- The account, for the person's own eyes and for the digest's next key.
    sealed          bytea NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (person_id, subscription_id),
    UNIQUE (account, person_id)
);

-- What people agreed to, and that they no longer do: append only, and kept after they are forgotten, because it shows that what was sent was asked for.
CREATE TABLE contact.consent (
    consent_id uuid NOT NULL PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES contact.person,
    given      boolean NOT NULL,
    -- Which version of the words the person saw.
    words      text NOT NULL,
    at         timestamptz NOT NULL,
    client     text NOT NULL
);
CREATE INDEX consent_by_person ON contact.consent (person_id, consent_id);

-- Who opened which person's contacts, and what for: append only, written in the transaction that opened them.
CREATE TABLE contact.read (
    read_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL,
    reader    text NOT NULL,
    purpose   text NOT NULL CHECK (purpose IN ('send_notice', 'show_to_owner', 'answer_request', 'operate')),
    channels  text[] NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX read_by_person ON contact.read (person_id, read_id);
CREATE INDEX read_oldest ON contact.read (at);

-- Contacts have a role of their own. Who keeps bills, payments and journals cannot read them.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'epay_contact') THEN
        CREATE ROLE epay_contact NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- Another database of the cluster made it just now.
END $$;
GRANT USAGE ON SCHEMA contact TO epay_contact;
GRANT SELECT, INSERT, UPDATE ON contact.person TO epay_contact;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact.point, contact.subscription TO epay_contact;
GRANT SELECT, INSERT ON contact.consent, contact.read TO epay_contact;
