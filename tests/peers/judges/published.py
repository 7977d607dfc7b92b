"""The published XML schemas, by two programs that know nothing of us: xmlschema, and xmllint where it is installed."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(os.environ.get("EPAY_ROOT", Path(__file__).resolve().parents[3]))


class Schema:
    """One schema. A document that either program finds invalid is not valid."""

    def __init__(self, file):
        import xmlschema

        self.file = file
        self.rules = xmlschema.XMLSchema(str(file))

    def validate(self, document):
        self.rules.validate(str(document))
        if shutil.which("xmllint"):
            command = ["xmllint", "--nonet", "--noout", "--schema", str(self.file), str(document)]
            judged = subprocess.run(command, capture_output=True, text=True, check=False)
            assert judged.returncode == 0, judged.stderr


def schema(name):
    """The schema of a message, or nothing where the reference data is not there."""
    reference = Path(os.environ.get("EPAY_REFERENCE", ROOT.parent / "shared" / "reference"))
    file = reference / "xsd" / f"{name}.xsd"
    if not file.is_file():
        print(f"the schema of {name} is left out: no reference data")
        return None
    if not shutil.which("xmllint"):
        print("xmllint is left out: it is not installed")
    return Schema(file)
