-- Tables for `sqlx-ledger`, whose crate comes without them. What its statements name decides columns and types, and what they
-- look up decides the keys. Its authors' own tables also announce every row to listeners; these do not, which favours it.

CREATE TYPE debitorcredit AS ENUM ('debit', 'credit');
CREATE TYPE status AS ENUM ('active');
CREATE TYPE layer AS ENUM ('settled', 'pending', 'encumbered');

-- What every row of it carries.
CREATE TABLE versioned (
    id uuid NOT NULL,
    version int NOT NULL DEFAULT 1,
    description varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    modified_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sqlx_ledger_accounts (
    LIKE versioned INCLUDING DEFAULTS,
    code varchar NOT NULL,
    name varchar NOT NULL,
    normal_balance_type debitorcredit NOT NULL,
    status status NOT NULL,
    metadata jsonb,
    PRIMARY KEY (id, version),
    UNIQUE (code, version),
    UNIQUE (name, version)
);

CREATE TABLE sqlx_ledger_journals (
    LIKE versioned INCLUDING DEFAULTS,
    name varchar NOT NULL,
    status status NOT NULL,
    PRIMARY KEY (id, version),
    UNIQUE (name, version)
);

CREATE TABLE sqlx_ledger_tx_templates (
    LIKE versioned INCLUDING DEFAULTS,
    code varchar NOT NULL,
    params jsonb,
    tx_input jsonb NOT NULL,
    entries jsonb NOT NULL,
    metadata jsonb,
    PRIMARY KEY (id, version),
    UNIQUE (code, version)
);

CREATE TABLE sqlx_ledger_transactions (
    LIKE versioned INCLUDING DEFAULTS,
    journal_id uuid NOT NULL,
    tx_template_id uuid NOT NULL,
    effective date NOT NULL,
    correlation_id uuid NOT NULL,
    external_id varchar NOT NULL,
    metadata jsonb,
    PRIMARY KEY (id, version),
    UNIQUE (external_id, version)
);

CREATE TABLE sqlx_ledger_entries (
    LIKE versioned INCLUDING DEFAULTS,
    transaction_id uuid NOT NULL,
    journal_id uuid NOT NULL,
    account_id uuid NOT NULL,
    entry_type varchar NOT NULL,
    layer layer NOT NULL,
    units numeric NOT NULL,
    currency varchar NOT NULL,
    direction debitorcredit NOT NULL,
    sequence int NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE sqlx_ledger_balances (
    journal_id uuid NOT NULL,
    account_id uuid NOT NULL,
    currency varchar NOT NULL,
    version int NOT NULL,
    entry_id uuid NOT NULL,
    settled_dr_balance numeric NOT NULL,
    settled_cr_balance numeric NOT NULL,
    settled_entry_id uuid NOT NULL,
    settled_modified_at timestamptz NOT NULL,
    pending_dr_balance numeric NOT NULL,
    pending_cr_balance numeric NOT NULL,
    pending_entry_id uuid NOT NULL,
    pending_modified_at timestamptz NOT NULL,
    encumbered_dr_balance numeric NOT NULL,
    encumbered_cr_balance numeric NOT NULL,
    encumbered_entry_id uuid NOT NULL,
    encumbered_modified_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (journal_id, account_id, currency, version)
);

CREATE TABLE sqlx_ledger_current_balances (
    journal_id uuid NOT NULL,
    account_id uuid NOT NULL,
    currency varchar NOT NULL,
    version int NOT NULL,
    PRIMARY KEY (journal_id, account_id, currency)
);
