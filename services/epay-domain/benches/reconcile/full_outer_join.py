"""Loads two tables, joins them as a whole, and says how long the join alone took and how much memory all of it."""

import json
import sys
import time

import duckdb



def peak_kib():
    """The kernel's own word; what getrusage says begins with the memory of whoever started this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


folder, rounds = sys.argv[1], int(sys.argv[2])
database = duckdb.connect()
# It would be drawn on the stream that carries the answer.
database.execute("SET enable_progress_bar = false")
for table in ("expected", "observed"):
    database.execute(
        f"CREATE TABLE {table} AS SELECT * FROM read_csv('{folder}/{table}.csv', "
        "columns = {'reference': 'VARCHAR', 'minor': 'BIGINT'})"
    )
times = []
rows = 0
for _ in range(rounds):
    started = time.perf_counter()
    # A table of its own: the rows are made, as our side makes its matches.
    database.execute(
        "CREATE OR REPLACE TABLE joined AS SELECT e.rowid AS expected, o.rowid AS observed, e.minor, o.minor AS seen "
        "FROM expected AS e FULL OUTER JOIN observed AS o USING (reference)"
    )
    times.append(time.perf_counter() - started)
    rows = database.execute("SELECT count(*) FROM joined").fetchone()[0]
times.sort()
print(
    json.dumps(
        {
            "version": duckdb.__version__,
            "threads": database.execute("SELECT current_setting('threads')").fetchone()[0],
            "micros": round(times[len(times) // 2] * 1_000_000),
            "peak_kib": peak_kib(),
            "rows": rows,
        }
    )
)
