"""Reads bank statements with programs that are not ours, and has ours read what others read.

The sandbox's bank writes statements as camt.053.001.08 and as MT940, with a sidecar that says what they hold. The camt.053 is
judged by the published schema (xmlschema and xmllint), by pyiso20022's generated classes and by pycamt; the MT940 by the PyPI
package mt-940. Then our own reader reads both, and writes each again with our own MT940 writer, which mt-940 judges too.
All must agree to the cent.

EPAY_SANDBOX_BIN writes the statements; `judge-statements`, beside the binary named by EPAY_BIN, is our reader. EPAY_REFERENCE holds xsd/; without it (and
without the folder shared/reference beside the workspace) the schema is left out, aloud.
"""

import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import mt940
from judges.published import schema
from pycamt.parser import Camt053Parser

try:
    from pyiso20022.camt.camt_053_001_08 import Document
    from xsdata.formats.dataclass.parsers import XmlParser
except ImportError as why:
    print(f"pyiso20022 is left out: {why}")
    XmlParser = None

SKIPPED = 77
SAMPLES = 30


def cents(amount, credit=True):
    value = Decimal(str(amount)) * 100
    assert value == int(value), f"{amount} is not whole cents"
    return int(value) if credit else -int(value)


def signed(entry):
    return entry["amount_cents"] if entry["credit"] else -entry["amount_cents"]


def by_pyiso20022(file):
    """Balances and entries, through classes generated from ISO's schema."""
    document = XmlParser().from_path(file, Document)
    (statement,) = document.bk_to_cstmr_stmt.stmt
    balances = {
        balance.tp.cd_or_prtry.cd: cents(balance.amt.value, balance.cdt_dbt_ind.value == "CRDT")
        for balance in statement.bal
    }
    return {
        "account": statement.acct.id.othr.id,
        "number": int(statement.elctrnc_seq_nb),
        "opening_cents": balances["OPBD"],
        "closing_cents": balances["CLBD"],
        "entries": [
            (entry.acct_svcr_ref, cents(entry.amt.value, entry.cdt_dbt_ind.value == "CRDT"))
            for entry in statement.ntry
        ],
    }


def by_pycamt(file):
    """The amounts that pycamt reads, in the order of the statement."""
    found = Camt053Parser(file.read_bytes()).get_transactions()
    return {"amounts": [cents(one["Amount"], one["CreditDebitIndicator"] == "CRDT") for one in found]}


def by_mt940(text):
    """Balances and entries, through mt-940."""
    found = mt940.parse(text)
    balance = lambda name: cents(found.data[name].amount.amount)
    return {
        "account": found.data["account_identification"],
        "number": int(found.data["statement_number"]),
        "opening_cents": balance("final_opening_balance"),
        "closing_cents": balance("final_closing_balance"),
        "entries": [
            (one.data["bank_reference"], cents(one.data["amount"].amount)) for one in found.transactions
        ],
    }


def expected(truth, reference=lambda text: text):
    entries = [(reference(entry["bank_reference"]), signed(entry)) for entry in truth["entries"]]
    return {
        "account": truth["account"],
        "number": truth["number"],
        "opening_cents": truth["opening_cents"],
        "closing_cents": truth["closing_cents"],
        "entries": entries,
        "amounts": [amount for _, amount in entries],
    }


def compare(name, found, truth):
    return [f"{name}: {key} is {found[key]!r}, not {truth[key]!r}" for key in found if found[key] != truth[key]]


def ours(binary, file):
    line = subprocess.run([binary, str(file)], check=True, capture_output=True, text=True).stdout
    return json.loads(line)


def judge(stem, binary, rules):
    """The complaints about one statement, and how many judgements there were."""
    truth = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    whole, end = expected(truth), expected(truth, lambda text: text[-16:])
    xml, text = stem.with_suffix(".xml"), stem.with_suffix(".sta")
    complaints, judged = [], 0
    judges = [
        ("pycamt on camt.053", lambda: by_pycamt(xml), whole),
        ("mt-940 on the bank's MT940", lambda: by_mt940(text.read_text("ascii")), end),
    ]
    if XmlParser is not None:
        judges.append(("pyiso20022 on camt.053", lambda: by_pyiso20022(xml), whole))
    if rules is not None:
        judges.append(("xmlschema on camt.053", lambda: rules.validate(str(xml)) or {}, {}))
    for name, read, facts in judges:
        judged += 1
        try:
            complaints += compare(name, read(), facts)
        except Exception as error:  # A stranger's reader may fail in any way; each is a complaint.
            complaints.append(f"{name}: {type(error).__name__}: {error}")
    for file, cut in ((xml, False), (text, True)):
        read = ours(binary, file)
        reference = (lambda entry: entry["bank_reference"][-16:]) if cut else (lambda entry: entry["bank_reference"])
        want = [{**entry, "bank_reference": reference(entry)} for entry in truth["entries"]]
        complaints += compare(f"our reader on {file.name}", {"entries": read["entries"]}, {"entries": want})
        same = {key: read[key] for key in ("account", "currency", "number", "day", "opening_cents", "closing_cents")}
        complaints += compare(f"our reader on {file.name}", same, truth)
        complaints += compare(f"mt-940 on ours of {file.name}", by_mt940(read["mt940"]), end)
        judged += 3
    return complaints, judged


def main():
    sandbox, own = os.environ.get("EPAY_SANDBOX_BIN"), os.environ.get("EPAY_BIN")
    if not sandbox or not own:
        print("skipped: EPAY_SANDBOX_BIN and EPAY_BIN are not both set")
        return SKIPPED
    binary = Path(own).with_name("judge-statements")
    rules = schema("camt.053.001.08")
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["sample-statements", "--out", folder, "--count", str(SAMPLES), "--seed", "20260121"]
        subprocess.run([sandbox, *arguments], check=True, stdout=subprocess.DEVNULL)
        stems = sorted(file.with_suffix("") for file in Path(folder).glob("*.json"))
        passed = failed = 0
        for stem in stems:
            complaints, judged = judge(stem, binary, rules)
            for complaint in complaints:
                print(f"{stem.name}: {complaint}")
            passed, failed = passed + judged - len(complaints), failed + len(complaints)
    print(f"{len(stems)} statements: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
