"""Payment codes, judged by programs that are not ours.

Runs the binary named by EPAY_BIN against cemacqr (a strict EMV reader and writer), zxing-cpp (a QR reader) and segno (a QR
writer): what `epay qr` writes they must read, what they write it must read, and both must refuse the same broken payloads.
Prints one line a check, ends with `N passed, N failed`, and exits with 1 if any failed. Payloads are drawn from a fixed seed, so that
a failure can be run again.

Where the two are known to differ, the payload is not in the tables below. cemacqr takes an empty object 62 or 80, an account or private
template without an owner or with an owner of 33 characters, and 13 as the point of initiation; it wants the percentage in object
57 with two digits on each side of the point, and judges objects 62/10 and 62/11, which version 1.0 of the specification reserves.
"""

import io
import json
import os
import random
import re
import string
import subprocess
import sys
import tempfile
from pathlib import Path

import cemacqr
import segno
import zxingcpp
from PIL import Image

SEED = 20261123
WRITTEN_BY_US = 200
WRITTEN_BY_PEER = 200
CORRUPTED = 200
PICTURES = 40

EPAY = os.environ.get("EPAY_BIN")
PRINTABLE = string.ascii_letters + string.digits + " -/.,&()'"
UTF8 = b"000026"
CHINESE = "水務署稅局差餉物業估價運輸房屋税务国库香港特別行政區政府"

tally = {"passed": 0, "failed": 0}


def check(name, differences):
    """Counts and prints one check; `differences` are the sentences that say what went wrong."""
    differences = [difference for difference in differences if difference]
    tally["failed" if differences else "passed"] += 1
    print(f"{'FAIL' if differences else 'ok'}  {name}" + "".join(f"\n      {difference}" for difference in differences))


def differs(what, ours, theirs):
    return None if ours == theirs else f"{what}: {ours!r} here, {theirs!r} there"


def epay(*arguments, stdin=""):
    return subprocess.run([EPAY, "qr", *arguments], input=stdin, capture_output=True, encoding="utf-8", check=False)


def decode_all(payloads):
    """Our verdict on every payload, in one run."""
    ran = epay("decode", "--json", "--lines", "-", stdin="".join(f"{payload}\n" for payload in payloads))
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    if len(verdicts) != len(payloads):
        sys.exit(f"epay qr decode answered {len(verdicts)} of {len(payloads)} payloads: {ran.stderr}")
    return verdicts


def peer_accepts(payload):
    """The peer's verdict: whether the payload is valid, and what it says otherwise."""
    try:
        report = cemacqr.validate(cemacqr.parse_payload(payload), cemacqr.EMVCO)
    except cemacqr.CemacQrError as error:
        return False, str(error)
    return report.ok, str(report)


def text(rng, longest, alphabet=PRINTABLE):
    """Text that neither begins nor ends with a space: a shell or a reader might take those off."""
    drawn = "".join(rng.choice(alphabet) for _ in range(rng.randint(1, longest))).strip()
    return drawn or "x"


def digits(rng, count):
    return "".join(rng.choice(string.digits) for _ in range(count))


def amount(rng):
    cents = rng.choice([1, 99, 100, rng.randint(1, 10**6), rng.randint(1, 10**12 - 1)])
    return f"{cents // 100}.{cents % 100:02d}"


# What we write, the peer reads.


def request(rng):
    """Arguments for `epay qr encode`, and what the payload must then hold: path of identifiers to value."""
    arguments, expected = [], {"00": "01", "52": "0000", "58": "HK"}
    kind = rng.choice(["--fps-id", "--mobile", "--email"])
    proxy = {
        "--fps-id": lambda: digits(rng, rng.choice([7, 9])),
        "--mobile": lambda: f"+852-{digits(rng, 8)}",
        "--email": lambda: f"{text(rng, 20, string.ascii_letters + '_.')}@{text(rng, 10, string.ascii_lowercase)}.hk",
    }[kind]()
    arguments += [kind, proxy]
    expected[{"--fps-id": "26/02", "--mobile": "26/03", "--email": "26/04"}[kind]] = proxy
    if kind != "--fps-id" and rng.random() < 0.5:
        expected["26/01"] = digits(rng, 3)
        arguments += ["--clearing-code", expected["26/01"]]
    currency = rng.choice(["HKD", "CNY"])
    arguments += ["--currency", currency]
    expected["53"] = {"HKD": "344", "CNY": "156"}[currency]
    expected["01"] = "11"
    if rng.random() < 0.8:
        expected["54"], expected["01"] = amount(rng), "12"
        arguments += ["--amount", expected["54"]]
        if rng.random() < 0.5:
            arguments.append("--editable")
            expected["26/06"] = "1"
        if rng.random() < 0.3:
            arguments.append("--static")
            expected["01"] = "11"
    if rng.random() < 0.8:
        option, path = rng.choice([("--bill-number", "62/01"), ("--reference", "62/05")])
        expected[path] = text(rng, 25)
        # The equals sign keeps a value that begins with a hyphen from looking like an option.
        arguments.append(f"{option}={expected[path]}")
    if rng.random() < 0.3:
        expected["26/05"] = f"26{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 23):02d}5959"
        arguments += ["--expires", expected["26/05"]]
    if rng.random() < 0.5:
        expected["59"] = text(rng, 25)
        arguments.append(f"--merchant-name={expected['59']}")
    if rng.random() < 0.4:
        expected["64/00"], expected["64/01"] = "ZH", text(rng, 25, CHINESE)
        arguments.append(f"--name-in=ZH={expected['64/01']}")
    return arguments, expected


def check_written_by_us(rng):
    payloads = []
    for number in range(1, WRITTEN_BY_US + 1):
        arguments, expected = request(rng)
        ran = epay("encode", *arguments)
        payload = ran.stdout.rstrip("\n")
        if ran.returncode != 0:
            check(f"encode {number}", [f"{arguments} refused: {ran.stderr}"])
            continue
        accepted, reason = peer_accepts(payload)
        differences = [None if accepted else f"cemacqr refuses {payload}: {reason}"]
        if accepted:
            read = cemacqr.parse_payload(payload)
            for path, value in expected.items():
                parent, _, child = path.partition("/")
                differences.append(differs(path, value, read.get_in(parent, child) if child else read.get(parent)))
            differences.append(differs("checksum", payload[-4:], read.computed_crc))
        check(f"encode {number}: cemacqr reads {len(expected)} fields", differences)
        payloads.append(payload)
    return payloads


# What the peer writes, we read.


def peer_objects(rng):
    """Objects of a valid payload of any country, in any order between the first and the checksum."""
    def tlv(tag, value):
        return cemacqr.Tlv(tag, value)

    def template(tag, *inside):
        return tlv(tag, "".join(cemacqr.encode(*pair) for pair in inside))

    objects = [
        tlv("52", digits(rng, 4)),
        tlv("53", rng.choice(["344", "156", "702", "986", "392"])),
        tlv("58", rng.choice(["HK", "CN", "SG", "BR"])),
        tlv("59", text(rng, 25)),
        tlv("60", text(rng, 15)),
    ]
    accounts = [
        tlv("02", digits(rng, 16)),
        tlv("15", digits(rng, 31)),
        template("26", ("00", "hk.com.hkicl"), ("02", digits(rng, 7))),
        template("51", ("00", text(rng, 32, string.ascii_lowercase + ".")), ("07", text(rng, 20))),
    ]
    objects += rng.sample(accounts, rng.randint(1, len(accounts)))
    if rng.random() < 0.5:
        objects.append(tlv("01", rng.choice(["11", "12"])))
    if rng.random() < 0.7:
        objects.append(tlv("54", rng.choice([amount(rng), "98", "98.", "0.5", "1234567890123"])))
    tip = rng.choice([[], [tlv("55", "01")], [tlv("55", "02"), tlv("56", "2.50")], [tlv("55", "03"), tlv("57", "03.00")]])
    objects += tip
    if rng.random() < 0.3:
        objects.append(tlv("61", text(rng, 10)))
    if rng.random() < 0.6:
        fields = [("01", text(rng, 25)), ("03", "***"), ("07", text(rng, 20)), ("09", rng.choice(["A", "ME", "EMA"]))]
        objects.append(template("62", *rng.sample(fields, rng.randint(1, len(fields)))))
    if rng.random() < 0.4:
        objects.append(template("64", ("00", "ZH"), ("01", text(rng, 25, CHINESE)), ("02", text(rng, 15, CHINESE))))
    if rng.random() < 0.4:
        objects.append(template("80", ("00", "hk.example.private"), ("01", text(rng, 40, CHINESE + PRINTABLE))))
    rng.shuffle(objects)
    return [tlv("00", "01"), *objects]


def check_written_by_peer(rng):
    payloads = [str(cemacqr.build(peer_objects(rng))) for _ in range(WRITTEN_BY_PEER)]
    for number, (payload, ours) in enumerate(zip(payloads, decode_all(payloads)), 1):
        accepted, reason = peer_accepts(payload)
        theirs = [(item.tag, item.value) for item in cemacqr.parse_payload(payload).objects]
        check(
            f"decode {number}: {len(theirs)} objects written by cemacqr",
            [
                differs(f"verdict on {payload} ({ours['errors'] or reason})", ours["valid"], accepted),
                differs("objects", [(item["id"], item["value"]) for item in ours["objects"]], theirs),
                *(template_differs(item, payload) for item in ours["objects"]),
            ],
        )
    return payloads


def template_differs(item, payload):
    """Whether a template that we split is split otherwise there."""
    if "objects" not in item:
        return None
    ours = {inside["id"]: inside["value"] for inside in item["objects"]}
    return differs(f"template {item['id']}", ours, cemacqr.parse_payload(payload).template(item["id"]))


# What is broken, both refuse.


def check_corrupted(rng, payloads):
    alphabet = string.ascii_letters + string.digits
    broken = []
    for payload in rng.choices(payloads, k=CORRUPTED):
        at = rng.randrange(len(payload) - 8)
        kind = rng.choice(["changed", "lost", "doubled", "cut"])
        other = rng.choice([character for character in alphabet if character != payload[at]])
        broken.append({
            "changed": (kind, payload[:at] + other + payload[at + 1:]),
            "lost": (kind, payload[:at] + payload[at + 1:]),
            "doubled": (kind, payload[:at] + payload[at] + payload[at:]),
            "cut": (kind, payload[: max(at, 1)]),
        }[kind])
    for number, ((kind, payload), ours) in enumerate(zip(broken, decode_all([payload for _, payload in broken])), 1):
        accepted, _ = peer_accepts(payload)
        check(
            f"corrupt {number}: a character {kind}" if kind != "cut" else f"corrupt {number}: cut short",
            [
                differs(f"verdict on {payload}", ours["valid"], accepted),
                None if not ours["valid"] else f"accepted here: {payload}",
                None if ours["valid"] or ours["errors"] else "refused here without an error",
            ],
        )


VALID = [("00", "01"), ("02", "4000000000000002"), ("52", "0000"), ("53", "344"), ("58", "HK"), ("59", "NA"), ("60", "HK")]

# Name of the rule, objects to add or to replace (None takes one out). The checksum is right in all of them.
BROKEN_RULES = [
    ("no account", [("02", None)]),
    ("no category", [("52", None)]),
    ("no currency", [("53", None)]),
    ("no country", [("58", None)]),
    ("no name", [("59", None)]),
    ("no city", [("60", None)]),
    ("another version", [("00", "02")]),
    ("an amount of zero", [("54", "0.00")]),
    ("an amount with a comma", [("54", "1,000")]),
    ("a negative amount", [("54", "-1")]),
    ("a point first", [("54", ".50")]),
    ("two points", [("54", "1.2.3")]),
    ("an amount too long", [("54", "12345678901234")]),
    ("a category of letters", [("52", "ABCD")]),
    ("a currency of letters", [("53", "HKD")]),
    ("an unknown tip indicator", [("55", "04")]),
    ("a fixed fee without indicator", [("56", "1.00")]),
    ("an indicator without fixed fee", [("55", "02")]),
    ("an indicator without percentage", [("55", "03")]),
    ("a percentage of zero", [("55", "03"), ("57", "00.00")]),
    ("a percentage without indicator", [("57", "01.00")]),
    ("a name too long", [("59", "A" * 26)]),
    ("a city too long", [("60", "A" * 16)]),
    ("a postal code too long", [("61", "A" * 11)]),
    ("a bill number too long", [("62", "0126" + "A" * 26)]),
    ("an unknown data request", [("62", "0901X")]),
    ("a repeated data request", [("62", "0902AA")]),
    ("a language without name", [("64", "0002ZH")]),
    ("a name without language", [("64", "0102水務")]),
]


def with_checksum(objects):
    body = "".join(f"{tag}{len(value):02d}{value}" for tag, value in objects) + "6304"
    return body + cemacqr.crc16_hex(body.encode("utf-8"))


def check_broken_rules():
    payloads = []
    for _, changes in BROKEN_RULES:
        objects = dict(VALID)
        for tag, value in changes:
            objects.pop(tag, None)
            if value is not None:
                objects[tag] = value
        payloads.append(with_checksum([("00", objects.pop("00")), *objects.items()]))
    for (rule, _), payload, ours in zip(BROKEN_RULES, payloads, decode_all(payloads)):
        accepted, _ = peer_accepts(payload)
        check(f"rule: {rule}", [differs(f"verdict on {payload}", ours["valid"], accepted)])
    plain = with_checksum(VALID)
    check("rule: none broken", [differs("verdict", decode_all([plain])[0]["valid"], peer_accepts(plain)[0])])


# What we draw, a reader reads.


def check_pictures(rng, payloads):
    chinese = [payload for payload in payloads if not payload.isascii()]
    ascii_only = [payload for payload in payloads if payload.isascii()]
    chosen = rng.sample(chinese, PICTURES // 2) + rng.sample(ascii_only, PICTURES // 2)
    with tempfile.TemporaryDirectory() as folder:
        for number, payload in enumerate(chosen, 1):
            level, scale = rng.choice("LMQH"), rng.randint(2, 8)
            file = Path(folder) / f"{number}.png"
            ran = epay("render", "-", "--format", "png", "--level", level, "--scale", str(scale), "--out", str(file), stdin=payload)
            kind = "ASCII" if payload.isascii() else "Chinese"
            if ran.returncode != 0:
                check(f"picture {number}", [f"not drawn: {ran.stderr}"])
                continue
            check(f"picture {number}: {kind}, level {level}", picture_differs(file.read_bytes(), payload, level, scale))


def picture_differs(png, payload, level, scale):
    picture = Image.open(io.BytesIO(png)).convert("L")
    read = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    if len(read) != 1:
        return [f"zxing-cpp reads {len(read)} codes"]
    drawn = segno.make(payload, error=level, mode="byte", encoding="utf-8", eci=not payload.isascii(), boost_error=False, micro=False)
    # In this mode the reader gives the protocol in hexadecimal: ]Q2 and the number of the character set if the symbol declares one.
    protocol = bytes.fromhex(zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.HexECI)[0].text)
    declared = re.match(rb"\]Q2\\(\d{6})", protocol)
    return [
        differs("text", payload, read[0].text),
        differs("declared character set", None if payload.isascii() else UTF8, declared and declared.group(1)),
        differs("error correction", level, read[0].ec_level),
        differs("pixels a side", picture.width, (drawn.symbol_size(border=4)[0]) * scale),
    ]


def main():
    if not EPAY:
        sys.exit("EPAY_BIN names no binary")
    rng = random.Random(SEED)
    written_by_us = check_written_by_us(rng)
    written_by_peer = check_written_by_peer(rng)
    check_corrupted(rng, written_by_us + written_by_peer)
    check_broken_rules()
    check_pictures(rng, written_by_us + written_by_peer)
    print(f"{tally['passed']} passed, {tally['failed']} failed")
    sys.exit(1 if tally["failed"] else 0)


if __name__ == "__main__":
    main()
