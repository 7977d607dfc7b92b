-- How each process sees each rail: workers send and gateways choose, so what a worker learns must reach the gateways.
--
-- A few rows that are overwritten all the time and mean nothing once they are old: not logged, because after a crash
-- every process writes its own again within seconds.
CREATE UNLOGGED TABLE epay.rail_health (
    rail     text NOT NULL,
    -- The process, by an id that it drew at its start.
    node     uuid NOT NULL,
    -- Its breaker lets no call through.
    open     boolean NOT NULL,
    calls    integer NOT NULL CHECK (calls >= 0),
    failures integer NOT NULL CHECK (failures BETWEEN 0 AND calls),
    seen_at  timestamptz NOT NULL,
    PRIMARY KEY (rail, node)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON epay.rail_health TO epay_service;
