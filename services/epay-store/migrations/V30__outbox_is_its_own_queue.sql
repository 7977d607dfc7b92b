-- The outbox is its own queue: whoever performs it takes rows that nobody performed. A job a batch in another queue cost more of PostgreSQL
-- than the batch itself where batches are small, and its notification made commits wait for each other.

-- When the last payment of a batch runs out of time. The row goes when its payments were told.
CREATE TABLE epay.deadline (
    batch_id uuid NOT NULL PRIMARY KEY,
    due_at   timestamptz NOT NULL
);
CREATE INDEX deadline_due ON epay.deadline (due_at);

-- Batches that could not be performed: how often, why, and when they are tried again. A row stays until its batch goes, as a trace.
CREATE TABLE epay.outbox_failure (
    batch_id uuid NOT NULL PRIMARY KEY REFERENCES epay.outbox_batch ON DELETE CASCADE,
    tries    integer NOT NULL CHECK (tries > 0),
    next_at  timestamptz NOT NULL,
    reason   text NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON epay.deadline, epay.outbox_failure TO epay_service;

-- What the old queue still holds: timers go on here, and batches are found by their own rows.
DO $$
BEGIN
    IF to_regclass('graphile_worker._private_jobs') IS NOT NULL THEN
        INSERT INTO epay.deadline (batch_id, due_at)
            SELECT (job.payload ->> 'batch')::uuid, max(job.run_at)
              FROM graphile_worker._private_jobs AS job
              JOIN graphile_worker._private_tasks AS task ON task.id = job.task_id
             WHERE task.identifier = 'expire'
             GROUP BY 1;
        DROP SCHEMA graphile_worker CASCADE;
    END IF;
END
$$;

DROP FUNCTION epay.put_job(text, json);
