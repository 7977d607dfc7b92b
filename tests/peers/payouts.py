"""Payment orders, their status reports and recalls, judged by programs that are not ours.

Messages of our rail (adapters/rail-fps/tests/vectors, which a Rust test holds to be exactly what the rail writes) and of the
sandbox (EPAY_SANDBOX_BIN writes samples) are validated by xmlschema and by xmllint against the published schema of their
namespace. Each is then spoiled, and both judges must refuse it. Without EPAY_REFERENCE, which holds xsd/ (and without the
folder shared/reference beside the workspace), nothing is judged, aloud.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import xmlschema

SKIPPED = 77
ROOT = Path(os.environ.get("EPAY_ROOT", Path(__file__).resolve().parents[2]))
VECTORS = ROOT / "adapters" / "rail-fps" / "tests" / "vectors"
NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3}\.\d{3}\.\d{2})")
OURS = {"pain.001.001.09", "camt.056.001.08", "camt.029.001.09"}
THEIRS = {"pain.002.001.10", "camt.054.001.08", "camt.056.001.08", "camt.029.001.09"}


def by_xmllint(schema, text):
    """Whether xmllint finds a document valid."""
    command = ["xmllint", "--nonet", "--noout", "--schema", str(schema), "-"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=False).returncode == 0


def judge(file, schemas, judges):
    """The complaints about one message, and its name."""
    text = file.read_text("utf-8")
    name = NAMESPACE.search(text).group(1)
    schema = schemas / f"{name}.xsd"
    # Every one of these messages has an amount, a code or an id; none may hold an element of this name.
    spoiled = re.sub(r"</Document>\s*$", "<Spoiled/></Document>", text)
    assert spoiled != text, f"{file.name} could not be spoiled"
    complaints = []
    for who, valid in judges.items():
        if not valid(schema, text):
            complaints.append(f"{who} refuses {file.name} ({name})")
        if valid(schema, spoiled):
            complaints.append(f"{who} takes a spoiled {file.name} ({name})")
    return name, complaints


def main():
    schemas = Path(os.environ.get("EPAY_REFERENCE", ROOT.parent / "shared" / "reference")) / "xsd"
    if not schemas.is_dir():
        print("skipped: no reference data")
        return SKIPPED
    sandbox = os.environ.get("EPAY_SANDBOX_BIN")
    if not sandbox:
        print("skipped: EPAY_SANDBOX_BIN is not set")
        return SKIPPED
    known = {}

    def by_xmlschema(schema, text):
        known.setdefault(schema, xmlschema.XMLSchema(str(schema)))
        return known[schema].is_valid(text)

    judges = {"xmlschema": by_xmlschema}
    if shutil.which("xmllint"):
        judges["xmllint"] = by_xmllint
    else:
        print("xmllint is left out: it is not installed")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sandbox, "sample-payouts", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        for whose, place, expected in (("ours", VECTORS, OURS), ("the sandbox's", Path(folder), THEIRS)):
            seen = set()
            for file in sorted(place.glob("*.xml")):
                name, complaints = judge(file, schemas, judges)
                seen.add(name)
                for complaint in complaints:
                    print(complaint)
                failed += len(complaints)
                passed += 2 * len(judges) - len(complaints)
            for name in sorted(expected - seen):
                print(f"no {name} of {whose} was judged")
                failed += 1
    print(f"judged by {', '.join(judges)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
