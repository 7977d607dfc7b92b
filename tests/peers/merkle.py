"""A stranger to the log of journals: everything here is made from docs/ledger-log.md and RFC 9162.

It pays a bill in two parts through the bank app and takes the receipt's proof from the pages. Then, as an auditor who holds nothing but
the log's public keys, it hashes every journal, builds the whole tree with pymerkle and compares its root at the size of
every head; checks every head's signature; and checks an inclusion proof of every journal and a consistency proof between
neighbouring heads by the algorithms of the RFC. Last, it does the same by the program's own verbs.

EPAY_GATEWAY_URL is the gateway, EPAY_AUDITOR_TOKEN an auditor's token, EPAY_LOG_KEYS the JWKS of the log; EPAY_TOKEN,
EPAY_PORTAL_URL, EPAY_SANDBOX_URL and EPAY_DEMO_BILLS are for the payments; EPAY_BIN is the program and EPAY_DATABASE_URL
what it verifies.
"""

import base64
import datetime
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree

SKIPPED = 77
PATIENCE_SECONDS = 30
DOLLAR = 100


def call(path, token, body=None, base="EPAY_GATEWAY_URL"):
    request = urllib.request.Request(os.environ[base] + path, headers={"authorization": f"Bearer {token}"})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def auditor(path):
    return call(path, os.environ["EPAY_AUDITOR_TOKEN"])


def pages(path, field):
    found, token = [], ""
    while True:
        page = auditor(f"{path}?pageSize=1000&pageToken={token}")
        found += page.get(field, [])
        token = page.get("nextPageToken", "")
        if not token:
            return found


def text(value):
    data = value.encode()
    return struct.pack(">I", len(data)) + data


def microseconds(instant):
    """Whole numbers only: a float has not enough digits."""
    since = datetime.datetime.fromisoformat(instant) - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def leaf_bytes(journal):
    _, book, _, journal_id = journal["name"].split("/")
    entries = [
        (entry["account"], int(entry[side]["minorUnits"]) * sign, entry[side]["currencyCode"])
        for entry in journal["entries"]
        for side, sign in (("debit", 1), ("credit", -1))
        if side in entry
    ]
    reversed_id = journal.get("reverses", "").split("/")[-1]
    return b"".join(
        [
            b"\x01",
            uuid.UUID(journal_id).bytes,
            text(book),
            text(entries[0][2]),
            text(journal["kind"]),
            struct.pack(">q", microseconds(journal["postTime"])),
            text(journal["businessDate"]["iso"]),
            text(journal["source"]),
            b"\x01" + uuid.UUID(reversed_id).bytes if reversed_id else b"\x00",
            struct.pack(">I", len(entries)),
            *(text(account) + struct.pack(">q", minor) for account, minor, _ in entries),
        ]
    )


def sha256(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha256(b"\x01" + left + right)


def verify_inclusion(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    assert index < size
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn != 0
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and r == root, "an inclusion proof does not hold"


def verify_consistency(first, second, first_root, second_root, path):
    """RFC 9162, 2.1.4.2."""
    assert 0 < first < second
    if first & (first - 1) == 0:
        path = [first_root, *path]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and (fr, sr) == (first_root, second_root), "a consistency proof does not hold"


def decoded(value):
    return base64.b64decode(value, validate=True)


class Head:
    def __init__(self, shown):
        self.name = shown["name"]
        self.size = int(shown["treeSize"])
        self.root = decoded(shown["rootHash"])
        self.key_id = shown["keyId"]
        self.signature = decoded(shown["signature"])
        milliseconds = microseconds(shown["sealTime"]) // 1000
        root = base64.b64encode(self.root).decode()
        self.signed = f"{shown['origin']}\n{self.size}\n{root}\ntime {milliseconds}\n".encode()

    def believe(self, keys):
        keys[self.key_id].verify(self.signature, self.signed)


def public_keys():
    with open(os.environ["EPAY_LOG_KEYS"], encoding="utf-8") as file:
        found = json.load(file)["keys"]
    read = lambda key: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    return {key["kid"]: read(key) for key in found}


def wait_for(what, look):
    begun = time.monotonic()
    while True:
        found = look()
        if found:
            return found, time.monotonic() - begun
        assert time.monotonic() - begun < PATIENCE_SECONDS, f"{what} did not happen"


def part_payable(bills):
    """A bill that takes parts: two payments of a dollar use it up for nobody else."""
    token = os.environ["EPAY_TOKEN"]
    kinds = call("/v1/billTypes", token)["billTypes"]
    in_parts = {kind["code"] for kind in kinds if kind.get("partPaymentAllowed")}
    for demo in reversed([bill for bill in bills if bill["bill_type"] in in_parts]):
        bill = call("/v1/bills:lookup", token, {"billType": demo["bill_type"], "number": demo["number"]})
        if int(bill["outstanding"]["minorUnits"]) > 2 * DOLLAR:
            return bill["name"]
    raise AssertionError("no demo bill takes a part of its amount")


def pay_a_dollar(bill):
    """The bill is paid in part, by code in the sandbox's bank app; answers the proofs as the pages give them, and how
    long they took."""
    token = os.environ["EPAY_TOKEN"]
    amount = {"minorUnits": str(DOLLAR), "currencyCode": "HKD"}
    asked = {"rail": "fps", "amount": amount, "idempotencyKey": str(uuid.uuid4())}
    payment = call(f"/v1/{bill}/payments", token, asked)
    _, biller, _, payment_id = payment["name"].split("/")
    portal = os.environ["EPAY_PORTAL_URL"]
    picture = f"{portal}/en/pay/{biller}/{payment_id}/code.png"
    call("/api/pay", "", {"url": picture}, base="EPAY_SANDBOX_URL")
    wait_for("the payment", lambda: "receipts" in call(f"/v1/{payment['name']}", token))
    _, seconds = wait_for("its seal", lambda: call(f"/v1/{payment['name']}/receiptProofs", token).get("proofs"))
    with urllib.request.urlopen(f"{portal}/en/receipt/{biller}/{payment_id}/proof.json", timeout=20) as file:
        return file.read(), seconds


def epay(*arguments):
    """The program itself, from the shell."""
    return subprocess.run([os.environ["EPAY_BIN"], "ledger", *arguments], capture_output=True, text=True, check=False)


def from_the_shell(proof_file):
    """What the README of an auditor says: keep the heads, verify against them, verify a receipt alone."""
    keys = ["--public-key", os.environ["EPAY_LOG_KEYS"]]
    with tempfile.TemporaryDirectory() as folder:
        receipt, heads = os.path.join(folder, "proof.json"), os.path.join(folder, "heads.jsonl")
        with open(receipt, "wb") as file:
            file.write(proof_file)
        assert epay("verify-proof", receipt, *keys).returncode == 0, "the receipt's own proof does not hold"
        forged = json.loads(proof_file)
        forged["proofs"][0]["journal"]["source"] += "x"
        with open(receipt, "w", encoding="utf-8") as file:
            json.dump(forged, file)
        assert epay("verify-proof", receipt, *keys).returncode == 1, "a forged receipt was believed"
        kept = epay("heads", "--json")
        with open(heads, "w", encoding="utf-8") as file:
            file.write(kept.stdout)
        verified = epay("verify", *keys, "--heads", heads, "--json")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        beyond = json.loads(kept.stdout.splitlines()[0])
        beyond["treeSize"] = str(int(beyond["treeSize"]) + 1_000_000)
        with open(heads, "a", encoding="utf-8") as file:
            file.write(json.dumps(beyond))
        found = epay("verify", *keys, "--heads", heads, "--json")
        kinds = [finding["kind"] for finding in json.loads(found.stdout)["findings"]]
        assert (found.returncode, kinds) == (1, ["log_signature", "log_truncated"]), found.stdout


def books():
    with_accounts = auditor("/v1/billers/-/accounts").get("accounts", [])
    return sorted({account["name"].split("/")[1] for account in with_accounts})


def main():
    needed = ("EPAY_GATEWAY_URL", "EPAY_AUDITOR_TOKEN", "EPAY_LOG_KEYS", "EPAY_TOKEN", "EPAY_PORTAL_URL",
              "EPAY_SANDBOX_URL", "EPAY_DEMO_BILLS", "EPAY_BIN", "EPAY_DATABASE_URL")
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} would name a running gateway, its sandbox and the keys of its log")
        return SKIPPED
    keys = public_keys()
    bill = part_payable(json.loads(os.environ["EPAY_DEMO_BILLS"]))
    for _ in range(2):
        receipt, seconds = pay_a_dollar(bill)
        print(f"ok   a payment's proof was there {seconds:.1f} s after its receipt")

    heads = [Head(shown) for shown in reversed(pages("/v1/logHeads", "logHeads"))]
    assert len(heads) > 1, "two payments, one after the other, are under two heads"
    for head in heads:
        head.believe(keys)
    print(f"ok   {len(heads)} heads are signed with a key of the set")

    proofs = [auditor(f"/v1/{journal['name']}/inclusionProof?head={heads[-1].name}")
              for book in books() for journal in pages(f"/v1/billers/{book}/journals", "journals")]
    leaves = {}
    for proof in [*json.loads(receipt)["proofs"], *proofs]:
        head = Head(proof["head"])
        head.believe(keys)
        index, data = int(proof.get("leafIndex", "0")), leaf_bytes(proof["journal"])
        path = [decoded(hash) for hash in proof.get("path", [])]
        verify_inclusion(sha256(b"\x00" + data), index, head.size, path, head.root)
        leaves[index] = data
    print(f"ok   {len(proofs)} journals are in the log, and the receipt's own proof holds")

    assert sorted(leaves) == list(range(heads[-1].size)), "every leaf is a journal that can be read"
    tree = InmemoryTree(algorithm="sha256")
    for index in sorted(leaves):
        tree.append_entry(leaves[index])
    for head in heads:
        assert tree.get_root(head.size) == head.root, f"pymerkle makes another root of {head.size} leaves"
    print(f"ok   pymerkle makes the root of every head from {len(leaves)} journals")

    for first, second in zip(heads, heads[1:]):
        proof = auditor(f"/v1/{second.name}/consistencyProof?firstHead={first.name}")
        path = [decoded(hash) for hash in proof.get("path", [])]
        verify_consistency(first.size, second.size, first.root, second.root, path)
    print(f"ok   {len(heads) - 1} consistency proofs hold")

    forged = bytearray(leaves[0])
    forged[-1] ^= 1
    try:
        proof = next(proof for proof in proofs if int(proof.get("leafIndex", "0")) == 0)
        path = [decoded(hash) for hash in proof.get("path", [])]
        verify_inclusion(sha256(b"\x00" + forged), 0, heads[-1].size, path, heads[-1].root)
    except AssertionError:
        print("ok   a journal with one cent changed is not in the log")
    else:
        raise AssertionError("a forged journal was believed")
    from_the_shell(receipt)
    print("ok   the program's own verbs agree, and refuse a forged receipt and a head of journals that are gone")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, InvalidSignature, KeyError) as why:
        print(f"FAIL {why!r}")
        sys.exit(1)
