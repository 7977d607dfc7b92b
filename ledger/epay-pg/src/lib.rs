//! PostgreSQL ground: pools, migrations, private clusters, a database a test.
