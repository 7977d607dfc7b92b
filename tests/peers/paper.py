"""Printed bills, read by programs that are not ours.

`epay bills render` (the binary named by EPAY_BIN) prints a file of demonstration bills. poppler draws the PDF as an office printer
would, and zxing-cpp reads the codes out of the picture: they must hold the bill's number and amount. poppler also takes the text out of
the PDF, Chinese and English, and says which fonts are embedded: all, each as a part. Skipped, aloud, without poppler's programs.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import zxingcpp
from PIL import Image

SKIPPED = 77
ROOT = Path(os.environ.get("EPAY_ROOT", Path(__file__).resolve().parents[2]))
EPAY = os.environ.get("EPAY_BIN")
KINDS = ROOT / "deploy" / "demo" / "bill-types.json"
DOTS_AN_INCH = 200

# document, kind, number, instalments as (day, amount); the codes must say these amounts, in any order.
BILLS = [
    ("RVD-1", "rvd-rates", "000123456789011", [("2026-01-30", "3720.00")]),
    ("IRD-1", "ird-salaries", "12345678903", [("2026-01-05", "27000.00"), ("2026-04-08", "9000.00")]),
]
WORDS = {
    "RVD-1": ["差餉物業估價署", "Rating and Valuation Department", "應繳款額", "2026年1月30日", "Government rent"],
    "IRD-1": ["稅務局", "Salaries tax", "27,000.00", "8 April 2026", "分期繳款"],
}


def ran(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout


def row(document, kind, number, instalments):
    amount = f"{sum(round(float(amount) * 100) for _, amount in instalments) / 100:.2f}"
    bill = {"document": document, "bill_type": kind, "number": number, "amount": amount, "due_date": instalments[0][0]}
    if len(instalments) > 1:
        bill["instalments"] = [{"due_date": day, "amount": amount} for day, amount in instalments]
    if kind == "rvd-rates":
        bill["lines"] = [{"code": "02-gr", "amount": "2325.00"}, {"code": "07-govrent", "amount": "1395.00"}]
    return json.dumps(bill)


def codes(pdf, folder):
    """The text of every code on the sheets, as zxing-cpp reads them."""
    ran("pdftoppm", "-r", str(DOTS_AN_INCH), "-gray", "-png", str(pdf), str(folder / pdf.stem))
    found = []
    for picture in sorted(folder.glob(f"{pdf.stem}-*.png")):
        with Image.open(picture) as image:
            for barcode in zxingcpp.read_barcodes(image):
                found.append(barcode.text)
    return found


def objects(payload):
    """The objects of a payload: identifier, length, value."""
    found, rest = {}, payload
    while rest:
        length = int(rest[2:4])
        found[rest[:2]] = rest[4 : 4 + length]
        rest = rest[4 + length :]
    return found


def complaints(bill, pdf, folder):
    document, _kind, number, instalments = bill
    read = [objects(payload) for payload in codes(pdf, folder)]
    amounts = sorted(one.get("54") for one in read)
    if amounts != sorted(amount for _, amount in instalments):
        yield f"the codes ask for {amounts}"
    if any(objects(one.get("62", "")).get("01") != number for one in read):
        yield "a code names another bill"
    text = ran("pdftotext", "-layout", str(pdf), "-").decode()
    yield from (f"poppler does not find {words!r}" for words in WORDS[document] if words not in text)
    fonts = ran("pdffonts", str(pdf)).decode().splitlines()[2:]
    # name, type (two words), encoding, embedded, subset, has unicode
    if len(fonts) != 2 or any(line.split()[-5:-2] != ["yes", "yes", "yes"] for line in fonts):
        yield f"a font is not embedded as a part with its characters: {fonts}"
    if "Tagged:          yes" not in ran("pdfinfo", str(pdf)).decode():
        yield "the document is not tagged"


def main():
    if not EPAY:
        print("skipped: EPAY_BIN is not set")
        return SKIPPED
    missing = [name for name in ("pdftoppm", "pdftotext", "pdffonts", "pdfinfo") if not shutil.which(name)]
    if missing:
        print(f"skipped: poppler-utils is not installed ({', '.join(missing)})")
        return SKIPPED
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "bills.ndjson"
        file.write_text("".join(f"{row(*bill)}\n" for bill in BILLS), "utf-8")
        ran(EPAY, "bills", "render", "--file", str(file), "--bill-types", str(KINDS), "--out", str(folder))
        for bill in BILLS:
            said = list(complaints(bill, folder / f"{bill[0]}.pdf", folder))
            passed, failed = (passed, failed + 1) if said else (passed + 1, failed)
            print(("FAIL" if said else "ok") + f"  {bill[0]}" + "".join(f"\n      {words}" for words in said))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
