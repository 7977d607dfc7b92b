"""A stranger to our open data: Python's own csv reads what `epay opendata export` writes of the running demo.

It checks the form (mark, columns, the dictionary), that every figure that is shown adds up, that nothing small is shown, and
that the same month again makes no other edition.

EPAY_BIN is the program and EPAY_DATABASE_URL the demo's database.
"""

import csv
import datetime
import json
import os
import pathlib
import subprocess
import tempfile
from decimal import Decimal

SMALL = range(1, 10)
FIGURES = ("payment_count", "payment_amount_hkd", "refund_count", "refund_amount_hkd")


def export(month, folder):
    command = [os.environ["EPAY_BIN"], "opendata", "export", "--month", month, "--to", folder, "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\n") == raw.count(b"\r\n"), path
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def adds_up(rows, figure):
    """Along every line whose figures are all shown, the parts are the total."""
    lines, checked = {}, 0
    for row in rows:
        lines.setdefault(("department", row["department_code"]), []).append((row["channel_code"], row[figure]))
        lines.setdefault(("channel", row["channel_code"]), []).append((row["department_code"], row[figure]))
    for name, cells in lines.items():
        if all(value for _, value in cells):
            parts = sum(Decimal(value) for code, value in cells if code != "ALL")
            assert parts == Decimal(dict(cells)["ALL"]), (name, figure)
            checked += 1
    return checked


def main():
    month = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m")
    with tempfile.TemporaryDirectory() as folder:
        first, second = export(month, folder), export(month, folder)
        # Somebody may have paid between the two.
        assert first["edition"] == 1 and second["edition"] in (1, 2), (first, second)
        path = pathlib.Path(folder)
        rows = read(path / f"collections_monthly_{month}.csv")
        dictionary = read(path / "data_dictionary.csv")
        assert [line["column"] for line in dictionary] == list(rows[0]), dictionary
        assert len(rows) == second["rows"] and {row["month"] for row in rows} == {month}
        for row in rows:
            for figure in ("payment_count", "refund_count"):
                assert not row[figure] or int(row[figure]) not in SMALL, row
        checked = sum(adds_up(rows, figure) for figure in FIGURES)
        names = {row["department_tc"] for row in rows}
        assert "所有部門" in names and len(names) > 2, names
        gaps = sum(not row["payment_count"] for row in rows)
        print(f"{len(rows)} rows, {gaps} of them without payments; {checked} lines add up")


main()
