"""Reads the bank's credit notices (camt.054.001.08) with programs that are not ours.

Each notice is judged three times: by the published schema (xmlschema and xmllint), by pyiso20022's generated classes, and by
pycamt's reader; what the readers find is compared with the JSON beside the notice.

EPAY_CAMT_DIR holds notices; without it, EPAY_SANDBOX_BIN writes some. EPAY_REFERENCE holds xsd/; without it (and without the
folder shared/reference beside the workspace) the schema is left out, aloud.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from judges.published import schema
from pycamt.parser import Camt053Parser

try:
    from pyiso20022.camt.camt_054_001_08 import Document
    from xsdata.formats.dataclass.parsers import XmlParser
except ImportError as why:
    print(f"pyiso20022 is left out: {why}")
    XmlParser = None

SKIPPED = 77
SAMPLES = 60


def by_pyiso20022(file):
    """The facts of a notice, through classes generated from ISO's schema."""
    document = XmlParser().from_path(file, Document)
    (notification,) = document.bk_to_cstmr_dbt_cdt_ntfctn.ntfctn
    (entry,) = notification.ntry
    (details,) = entry.ntry_dtls[0].tx_dtls
    structured = details.rmt_inf.strd[0] if details.rmt_inf.strd else None
    documents = structured.rfrd_doc_inf if structured else []
    creditor = structured.cdtr_ref_inf if structured else None
    amounts = {entry.amt.value, details.amt.value}
    assert len(amounts) == 1, f"entry and details name different amounts: {amounts}"
    return {
        "message_id": document.bk_to_cstmr_dbt_cdt_ntfctn.grp_hdr.msg_id,
        "account": notification.acct.id.othr.id,
        "currency": entry.amt.ccy,
        "amount": amounts.pop(),
        "direction": entry.cdt_dbt_ind.value,
        "status": entry.sts.cd,
        "bank_reference": entry.acct_svcr_ref,
        "end_to_end_id": details.refs.end_to_end_id,
        "transaction_id": details.refs.tx_id,
        "fps_reference": details.refs.clr_sys_ref,
        "bill_number": documents[0].nb if documents else None,
        "reference": creditor.ref if creditor else None,
        "booking_date": str(entry.bookg_dt.dt),
        "instructed_at": details.rltd_dts.tx_dt_tm.to_datetime(),
    }


class Notices(Camt053Parser):
    """pycamt reads statements and reports; a notification holds the same entries under another name."""

    def _find_statements_or_reports(self):
        return self.tree.findall(".//Ntfctn", self.namespaces)


def by_pycamt(file):
    """The facts of a notice that pycamt knows."""
    notices = Notices(file.read_bytes())
    (found,) = notices.get_transactions()
    facts = {
        "message_id": notices.get_group_header()["MessageID"],
        "currency": found["Currency"],
        "amount": Decimal(found["Amount"]),
        "direction": found["CreditDebitIndicator"],
        "status": found["Status"],
        "bank_reference": found["TransactionID"],
        "end_to_end_id": found["EndToEndId"],
        "booking_date": found["BookingDate"],
    }
    narrative = found.get("RemittanceInformation")
    if narrative != "FPS":
        facts["reference"] = narrative
    return facts


def expected(sidecar):
    facts = json.loads(sidecar.read_text("utf-8"))
    cents = facts.pop("amount_cents")
    facts["amount"] = Decimal(facts["amount"])
    assert facts["amount"] == Decimal(cents) / 100, "the sidecar disagrees with itself"
    facts["instructed_at"] = datetime.fromisoformat(facts["instructed_at"])
    return facts | {"direction": "CRDT", "status": "BOOK"}


def judge(file, judges):
    """The complaints about one notice, by judge."""
    complaints = []
    truth = expected(file.with_suffix(".json"))
    for name, read in judges:
        try:
            found = read(file)
            wrong = {key: (truth[key], value) for key, value in (found or {}).items() if truth[key] != value}
            if wrong:
                complaints.append(f"{name}: {wrong}")
        except Exception as error:  # A stranger's reader may fail in any way; each is a complaint.
            complaints.append(f"{name}: {type(error).__name__}: {error}")
    return complaints


def run(folder):
    files = sorted(folder.glob("*.xml"))
    if not files:
        print(f"no notices in {folder}")
        return 1
    judges = [("pycamt", by_pycamt)]
    if XmlParser is not None:
        judges.append(("pyiso20022", by_pyiso20022))
    if (rules := schema("camt.054.001.08")) is not None:
        judges.append(("xmlschema", lambda file: rules.validate(str(file))))
    passed = failed = 0
    for file in files:
        complaints = judge(file, judges)
        for complaint in complaints:
            print(f"{file.name}: {complaint}")
        passed += len(judges) - len(complaints)
        failed += len(complaints)
    print(f"{len(files)} notices, judged by {', '.join(name for name, _ in judges)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    if folder := os.environ.get("EPAY_CAMT_DIR"):
        return run(Path(folder))
    sandbox = os.environ.get("EPAY_SANDBOX_BIN")
    if not sandbox:
        print("skipped: neither EPAY_CAMT_DIR nor EPAY_SANDBOX_BIN is set")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["sample-notices", "--out", folder, "--count", str(SAMPLES), "--seed", "20260120"]
        subprocess.run([sandbox, *arguments], check=True, stdout=subprocess.DEVNULL)
        return run(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
