"""Reads files of a department's feed with programs that are not ours.

`sample-feeds`, beside the binary named by EPAY_BIN, writes the same days as CSV, camt.053.001.08, camt.054.001.08 and MT940, with a
sidecar that says what they hold. The camt files are judged by the published schemas (xmlschema and xmllint), by pyiso20022's generated
classes and by pycamt; the MT940 by the PyPI package mt-940; the CSV by Python's own csv and hashlib. All must agree to the cent,
and all must carry the same digest, which this program computes once more from the CSV.

EPAY_REFERENCE holds xsd/; without it (and without the folder shared/reference beside the workspace) the schemas are left out,
aloud.
"""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import mt940
from judges.published import schema
from pycamt.parser import Camt053Parser

try:
    from pyiso20022.camt.camt_053_001_08 import Document as Document053
    from xsdata.formats.dataclass.parsers import XmlParser
except ImportError as why:
    print(f"pyiso20022 is left out: {why}")
    XmlParser = None
try:
    from pyiso20022.camt.camt_054_001_08 import Document as Document054
except ImportError:
    Document054 = None

SKIPPED = 77


def schemas():
    known = {name: schema(f"{name}.001.08") for name in ("camt.053", "camt.054")}
    return {name: one for name, one in known.items() if one is not None}


def cents(amount):
    value = Decimal(str(amount)) * 100
    assert value == int(value), f"{amount} is not whole cents"
    return int(value)


def signed(amount, credit):
    return cents(amount) if credit else -cents(amount)


def claimed(words):
    """What a file says of itself."""
    found = dict(re.findall(r"/(ROWS|CREDITS|DEBITS|HASH|DIGEST)/ ?(\S+)", words))
    return {
        "rows": int(found["ROWS"]),
        "credits_cents": cents(found["CREDITS"]),
        "debits_cents": cents(found["DEBITS"]),
        "hash_total": int(found["HASH"]),
        "digest": found["DIGEST"],
    }


def by_csv(file):
    raw = file.read_bytes()
    lines = raw.splitlines(keepends=True)
    records = list(csv.reader(raw.decode("utf-8").splitlines()))
    trailer = records[-1]
    assert trailer[6] == hashlib.sha256(b"".join(lines[:-1])).hexdigest(), "the trailer's digest"
    rows = [record for record in records if record[0] == "D"]
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1)), "the lines"
    tail = lambda number: int("0" + re.sub(r"\D", "", number)[-9:])
    return {
        "rows": int(trailer[1]),
        "credits_cents": cents(trailer[2]),
        "debits_cents": cents(trailer[3]),
        "hash_total": int(trailer[5]),
        "digest": hashlib.sha256(b"".join(lines[1:-1])).hexdigest(),
        "hash": sum(tail(row[3]) for row in rows) % 10**12,
        "entries": [(row[2], signed(row[10], row[11] == "CREDIT")) for row in rows],
    }


def entries_of(part):
    return [(one.acct_svcr_ref, signed(one.amt.value, one.cdt_dbt_ind.value == "CRDT")) for one in part.ntry]


def by_pyiso20022(file):
    """The statement, through classes generated from ISO's schema."""
    (statement,) = XmlParser().from_path(file, Document053).bk_to_cstmr_stmt.stmt
    balances = {
        one.tp.cd_or_prtry.cd: signed(one.amt.value, one.cdt_dbt_ind.value == "CRDT") for one in statement.bal
    }
    return claimed(statement.addtl_stmt_inf) | {
        "account": statement.acct.id.othr.id,
        "number": int(statement.elctrnc_seq_nb),
        "opening_cents": balances["OPBD"],
        "closing_cents": balances["CLBD"],
        "entries": entries_of(statement),
    }


def by_pyiso20022_notice(file):
    """The notice, likewise."""
    (notice,) = XmlParser().from_path(file, Document054).bk_to_cstmr_dbt_cdt_ntfctn.ntfctn
    return claimed(notice.addtl_ntfctn_inf) | {"account": notice.acct.id.othr.id, "entries": entries_of(notice)}


def by_pycamt(file):
    """The amounts that pycamt reads, in the order of the statement."""
    found = Camt053Parser(file.read_bytes()).get_transactions()
    return {"amounts": [signed(one["Amount"], one["CreditDebitIndicator"] == "CRDT") for one in found]}


def by_mt940(file):
    """Balances and entries, through mt-940."""
    text = file.read_text("ascii")
    found = mt940.parse(text)
    balance = lambda name: cents(found.data[name].amount.amount)
    return claimed(text.split(":62F:")[1].replace("\n", " ")) | {
        "account": found.data["account_identification"],
        "number": int(found.data["statement_number"]),
        "opening_cents": balance("final_opening_balance"),
        "closing_cents": balance("final_closing_balance"),
        "ends": [(one.data["bank_reference"], cents(one.data["amount"].amount)) for one in found.transactions],
    }


def expected(truth):
    entries = [
        (one["reference"], one["amount_cents"] if one["credit"] else -one["amount_cents"]) for one in truth["entries"]
    ]
    return truth | {
        "rows": len(entries),
        "hash": truth["hash_total"],
        "entries": entries,
        "amounts": [amount for _, amount in entries],
        "ends": [(reference[-16:], amount) for reference, amount in entries],
    }


def judge(sidecar, rules):
    """The complaints about one day, and how many judgements there were."""
    truth = expected(json.loads(sidecar.read_text("utf-8")))
    file = lambda ending: sidecar.with_name(sidecar.stem + ending)
    statement, notice = file(".camt053.xml"), file(".camt054.xml")
    judges = [
        ("csv", lambda: by_csv(file(".csv"))),
        ("mt-940", lambda: by_mt940(file(".sta"))),
        ("pycamt on camt.053", lambda: by_pycamt(statement)),
    ]
    if XmlParser is not None:
        judges.append(("pyiso20022 on camt.053", lambda: by_pyiso20022(statement)))
        if Document054 is not None:
            judges.append(("pyiso20022 on camt.054", lambda: by_pyiso20022_notice(notice)))
    for name, of in (("camt.053", statement), ("camt.054", notice)):
        if name in rules:
            judges.append((f"xmlschema on {name}", lambda name=name, of=of: rules[name].validate(str(of)) or {}))
    complaints = []
    for name, read in judges:
        try:
            found = read()
            complaints += [
                f"{name}: {key} is {found[key]!r}, not {truth[key]!r}" for key in found if found[key] != truth[key]
            ]
        except Exception as error:  # A stranger's reader may fail in any way; each is a complaint.
            complaints.append(f"{name}: {type(error).__name__}: {error}")
    return complaints, len(judges)


def main():
    own = os.environ.get("EPAY_BIN")
    if not own:
        print("skipped: EPAY_BIN is not set")
        return SKIPPED
    rules = schemas()
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(own).with_name("sample-feeds")
        subprocess.run([binary, folder], check=True, stdout=subprocess.DEVNULL)
        sidecars = sorted(Path(folder).glob("*.json"))
        passed = failed = 0
        for sidecar in sidecars:
            complaints, judged = judge(sidecar, rules)
            for complaint in complaints:
                print(f"{sidecar.stem}: {complaint}")
            passed, failed = passed + judged - min(judged, len(complaints)), failed + len(complaints)
    print(f"{len(sidecars)} days: {passed} passed, {failed} failed")
    return 1 if failed or not sidecars else 0


if __name__ == "__main__":
    sys.exit(main())
