"""e-Cheques made by fpdf2 and pyHanko, judged by pyHanko, by poppler's pdfsig where it is installed, and by our rail.

Every run makes some tens of cheques with new keys, numbers and forms of signature, and damages half of them: a byte changed, cut off or
added, a revision slipped in. pyHanko says of each whether both signatures hold and cover the file; our rail must take what holds and
refuse what does not. pdfsig is asked for a third opinion. The attachments of good cheques are judged by our schema (lxml). Then the
goldens are made anew, and each must get its verdict.

Runs `judge-echeques`, which lies beside the binary named by EPAY_BIN. Prints what differs, ends with `N passed, N failed`.
"""

import io
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _echeque_pdf import (
    PADES, PKCS7, World, changed, cheque, goldens, now, other_text, page, settings, sign, signed, under, xml,
    BANK_NAME, BANK_POLICY, PAYER_POLICY,
)
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from lxml import etree
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

CHEQUES = 48


def by_pyhanko(body, root):
    """Whether pyHanko finds two trusted signatures, the last over the whole file, with nothing but signing in between."""
    try:
        found = PdfFileReader(io.BytesIO(body), strict=True).embedded_signatures
        states = [
            validate_pdf_signature(one, ValidationContext(trust_roots=[root], allow_fetching=False)) for one in found
        ]
    except Exception as why:  # Whatever a damaged file does to a reader, it is not taken.
        logging.debug("pyHanko: %s", why)
        return False
    return (
        len(states) == 2
        and all(state.bottom_line for state in states)
        and states[-1].coverage == SignatureCoverageLevel.ENTIRE_FILE
    )


def by_pdfsig(body):
    """Whether pdfsig finds two valid signatures, of which one covers the whole file; None without pdfsig."""
    if not shutil.which("pdfsig"):
        return None
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(body)
        file.flush()
        ran = subprocess.run(["pdfsig", "-nocert", file.name], capture_output=True, encoding="utf-8", errors="replace")
    return ran.stdout.count("Signature is Valid.") == 2 and ran.stdout.count("- Total document signed") == 1


def made(world, dice):
    """A cheque with other numbers, keys, forms and order of signatures."""
    digits = lambda count: "".join(dice.choice("0123456789") for _ in range(count))
    data = cheque(
        Branch=digits(3), Account=digits(dice.randint(6, 12)), Number=digits(6),
        Payer=dice.choice(["CHAN TAI MAN", "LEE & SONS <HK> LTD", "陳大文"]),
    )
    drawn = data | {"Payer": "payer"}
    payer = under(world.authority, "payer", "TEST Payers", PAYER_POLICY, kind=dice.choice(["p256", "p384", "rsa"]))
    bank = under(world.authority, "bank", BANK_NAME, BANK_POLICY, kind=dice.choice(["p256", "p384", "rsa"]))
    body = page(drawn, attachments={"echeque.xml": xml(data)})
    order = [(payer, "Payer"), (bank, "Bank")]
    dice.shuffle(order)
    for identity, field in order:
        body = sign(body, identity, field, dice.choice([PADES, PKCS7]))
    return body, xml(data)


def damaged(body, world, dice):
    """The cheque with one thing wrong with its bytes, and what."""
    kind = dice.choice(["byte", "byte", "byte", "cut", "tail", "revision", "between"])
    if kind == "byte":
        # Not inside a signature's own text: copies of certificates in there are signed by nobody.
        while True:
            at = dice.randrange(len(body))
            if body.rfind(b"/Contents <", 0, at) <= body.rfind(b">", 0, at):
                return body[:at] + bytes([body[at] ^ dice.randint(1, 255)]) + body[at + 1:], f"byte {at}"
    if kind == "cut":
        return body[: -dice.randint(1, 400)], kind
    if kind == "tail":
        return body + dice.choice([b"\n", b"%%EOF\n", b" " * 100]), kind
    if kind == "revision":
        return changed(body, other_text), kind
    payer_signed = sign(page(cheque()), world.payer, "Payer")
    return sign(changed(payer_signed, other_text), world.bank, "Bank"), kind


def main():
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    seed = int(os.environ.get("EPAY_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    dice, world = random.Random(seed), World()
    root = asn1_x509.Certificate.load(world.root.cert.public_bytes(serialization.Encoding.DER))
    home = Path(__file__).resolve().parents[2]
    schema = etree.XMLSchema(file=str(home / "adapters/rail-echeque/schema/echeque-1.xsd"))
    expected, bodies, failed = {}, {}, 0
    for number in range(CHEQUES):
        body, data = made(world, dice)
        what = "good"
        if number % 2:
            body, what = damaged(body, world, dice)
        file = f"{number:03}.pdf"
        holds = by_pyhanko(body, root)
        expected[file], bodies[file] = ("taken" if holds else "refused", what), body
        if what == "good" and not (holds and schema.validate(etree.fromstring(data))):
            failed += 1
            print(f"FAIL  {file}: good, and not so for pyHanko or the schema: {schema.error_log}")
        third = by_pdfsig(body)
        # pdfsig looks at signatures, not at what stands between two of them.
        if third is not None and what != "between" and third != holds:
            failed += 1
            print(f"FAIL  {file} ({what}): pyHanko says {holds}, pdfsig {third}")
    for file, body, verdict, _shows in goldens(world):
        expected[f"{file}.pdf"], bodies[f"{file}.pdf"] = (verdict, "golden"), body
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for file, body in bodies.items():
            (folder / file).write_bytes(body)
        (folder / "settings.toml").write_text(settings(world))
        rows = [{"file": file} for file in bodies]
        (folder / "manifest.json").write_text(json.dumps({"at": now().isoformat(), "amount": "6700.00", "cheques": rows}))
        judge = Path(os.environ["EPAY_BIN"]).with_name("judge-echeques")
        ran = subprocess.run([judge, folder], capture_output=True, encoding="utf-8", check=True)
    for row in map(json.loads, ran.stdout.splitlines()):
        wanted, what = expected[row["file"]]
        agreed = row["verdict"] == wanted or (wanted == "refused" and row["verdict"] != "taken")
        if not agreed:
            failed += 1
            print(f"FAIL  {row['file']} ({what}): {wanted}, judged {row['verdict']}")
    taken = sum(1 for wanted, _what in expected.values() if wanted == "taken")
    print(f"{taken} good and {len(expected) - taken} bad cheques; pdfsig {'asked' if shutil.which('pdfsig') else 'is not installed'}")
    print(f"{len(expected) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
