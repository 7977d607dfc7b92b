"""npm's hkqr-fps, an independent writer and reader of Hong Kong FPS codes, against `epay qr`, both ways.

ASCII only and without 64: the package computes the CRC over UTF-16 and writes 64 behind the CRC. Amounts are compared as
numbers, because it drops trailing zeros. It also drops leading zeros of the CRC, where EMVCo asks for four digits: such
codes of ours it refuses, and such codes of its own we must refuse.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

SKIPPED = 77
ROUNDS = 60
HERE = Path(__file__).resolve().parent


def epay(*arguments, text=None):
    done = subprocess.run([os.environ["EPAY_BIN"], "qr", *arguments], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout


def theirs(requests):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(["node", str(HERE / "hkqr.mjs")], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def flat(value):
    """Its reader splits any value that happens to look like objects; put together again it is the value."""
    if isinstance(value, dict):
        return "".join(f"{name}{len(flat(part)):02d}{flat(part)}" for name, part in value.items())
    return str(value)


def samples():
    chance = random.Random(20260120)
    for _ in range(ROUNDS):
        yield {
            "fps_id": "".join(chance.choice("123456789") for _ in range(chance.choice((7, 9)))),
            "amount": f"{chance.randint(1, 9_999_999)}.{chance.randint(0, 99):02d}",
            "reference": "EP" + "".join(chance.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(18)),
        }


def ours_read_by_them(wanted, check):
    codes = []
    for sample in wanted:
        flags = ["--fps-id", sample["fps_id"], "--amount", sample["amount"], "--reference", sample["reference"]]
        status, out = epay("encode", *flags)
        check(f"encode {sample['fps_id']}", status == 0)
        codes.append(out.strip())
    for sample, code, read in zip(wanted, codes, theirs([{"read": code} for code in codes])):
        data = read.get("data") or {}
        if code[-4] == "0":
            check("a checksum with a leading zero is where we part", not read["ok"])
            continue
        same = (
            read["ok"]
            and flat(data["26"]["02"]) == sample["fps_id"]
            and Decimal(flat(data["54"])) == Decimal(sample["amount"])
            and flat(data["62"]["05"]) == sample["reference"]
        )
        check(f"hkqr-fps reads {sample['fps_id']}", same)
    spoilt = [code[:-1] + ("0" if code[-1] != "0" else "1") for code in codes]
    for code, read in zip(spoilt, theirs([{"read": code} for code in spoilt])):
        check("both refuse a spoilt checksum", not read["ok"] and epay("decode", code)[0] == 1)


def theirs_read_by_us(wanted, check):
    requests = [{"write": {**sample, "amount": float(sample["amount"])}} for sample in wanted]
    for sample, written in zip(wanted, theirs(requests)):
        status, out = epay("decode", "--json", written["data"])
        if written["data"][-8:-4] != "6304":
            check("a checksum of fewer than four digits is refused", status == 1)
            continue
        fps = json.loads(out)["fps"] or {}
        amount = Decimal(next(o["value"] for o in json.loads(out)["objects"] if o["id"] == "54"))
        same = fps.get("fps_id") == sample["fps_id"] and fps.get("reference") == sample["reference"]
        check(f"epay reads {sample['fps_id']}", status == 0 and same and amount == Decimal(sample["amount"]))


def main():
    if shutil.which("node") is None or not (HERE.parent / "browser/node_modules/hkqr-fps").is_dir():
        print("skipped: node or npm's hkqr-fps is missing")
        return SKIPPED
    counts = {True: 0, False: 0}

    def check(words, good):
        counts[bool(good)] += 1
        if not good:
            print(f"FAIL {words}")

    wanted = list(samples())
    ours_read_by_them(wanted, check)
    theirs_read_by_us(wanted, check)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 0 if counts[False] == 0 and counts[True] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
