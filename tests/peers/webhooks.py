"""Strangers to our webhooks: PyPI's and npm's `standardwebhooks` verify what a running worker delivers.

A receiver of its own listens on this machine. A department registers it through the API, issues a bill, tries the receiver,
changes its key and tries it again. Both libraries must believe every delivery with the secret that was shown when the key
was made, and neither of them an altered one. They know `v1` only: the `v1a` signatures are judged by `cryptography` and by
Node's own crypto, with the public key that the API serves.

EPAY_GATEWAY_URL is the gateway, EPAY_DEPARTMENT_TOKEN a token of the rating department.
"""

import base64
import datetime
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SKIPPED = 77
PATIENCE_SECONDS = 30
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
HEARD = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        HEARD.put({"headers": {name: self.headers[name] for name in HEADERS}, "body": body})
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def call(path, body, verb="POST"):
    request = urllib.request.Request(os.environ["EPAY_GATEWAY_URL"] + path, json.dumps(body).encode(), method=verb)
    request.add_header("authorization", f"Bearer {os.environ['EPAY_DEPARTMENT_TOKEN']}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def heard(event_type):
    """The next delivery of a type; what else the demo does meanwhile is passed over."""
    while True:
        one = HEARD.get(timeout=PATIENCE_SECONDS)
        body = json.loads(one["body"])
        if body["type"] == event_type:
            assert body["id"] == one["headers"]["webhook-id"] and body["specversion"] == "1.0", body
            return one


def altered(one):
    return {"headers": one["headers"], "body": one["body"].replace('"1.0"', '"1.1"')}


def python_believes(one, key):
    try:
        Webhook(key["secret"]).verify(one["body"], one["headers"])
        shared = True
    except WebhookVerificationError:
        shared = False
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["publicKey"].removeprefix("whpk_")))
    headers = one["headers"]
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{one['body']}".encode()
    signatures = [word.split(",") for word in headers["webhook-signature"].split(" ")]

    def is_signed(signature):
        try:
            public.verify(base64.b64decode(signature), text)
            return True
        except InvalidSignature:
            return False

    return shared, any(is_signed(signature) for version, signature in signatures if version == "v1a")


def issue_bill():
    """Its last digit is a check digit of the department's: one of ten fits."""
    number = f"{uuid.uuid4().int % 10**14:014}"
    bill = {
        "billType": "rvd-rates",
        "amount": {"minorUnits": "100", "currencyCode": "HKD"},
        "dueDate": {"iso": (datetime.date.today() + datetime.timedelta(days=30)).isoformat()},
        "description": "a bill of the peer",
    }
    for digit in "0123456789":
        try:
            body = {"bill": {**bill, "number": number + digit}, "idempotencyKey": str(uuid.uuid4())}
            return call("/v1/billers/rvd/bills", body)
        except urllib.error.HTTPError as refused:
            if json.load(refused)["reason"] != "INVALID_REQUEST":
                raise
    raise AssertionError("no digit fits")


class Node:
    def __init__(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "webhooks.mjs")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(["node", script], **pipes)

    def believes(self, one, key):
        self.process.stdin.write(json.dumps({**one, "secret": key["secret"], "publicKey": key["publicKey"]}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["v1"], answer["v1a"]


def main():
    judges = {"PyPI": python_believes}
    package = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../browser/node_modules/standardwebhooks")
    missing = None if shutil.which("node") and os.path.isdir(package) else "npm's standardwebhooks is not installed"
    if not missing:
        judges["npm"] = Node().believes

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = call(
        "/v1/billers/rvd/webhookEndpoints",
        {"url": f"http://127.0.0.1:{server.server_port}/hook", "idempotencyKey": str(uuid.uuid4())},
    )
    first = endpoint["keys"][0]
    deliveries = []

    issue_bill()
    deliveries.append((heard("epay.v1.bill.issued"), [first]))
    call(f"/v1/{endpoint['name']}:test", {})
    deliveries.append((heard("epay.v1.webhook.test"), [first]))
    rotated = call(f"/v1/{endpoint['name']}:rotateKey", {"idempotencyKey": str(uuid.uuid4())})
    second = rotated["keys"][0]
    call(f"/v1/{endpoint['name']}:test", {})
    deliveries.append((heard("epay.v1.webhook.test"), [second, first]))
    call(f"/v1/{endpoint['name']}:rotateKey", {"idempotencyKey": str(uuid.uuid4()), "overlap": "0s"})
    call(f"/v1/{endpoint['name']}:test", {})
    deliveries.append((heard("epay.v1.webhook.test"), []))

    for judge, believes in judges.items():
        for one, keys in deliveries:
            for key in (first, second):
                expected = (key in keys, key in keys)
                assert believes(one, key) == expected, (judge, one, key["id"])
                assert believes(altered(one), key) == (False, False), (judge, one)
    call(f"/v1/{endpoint['name']}", {}, "DELETE")
    server.shutdown()
    print(f"{' and '.join(judges)} judged {len(deliveries)} deliveries, each altered as well: all as they should be")
    if missing:
        print(missing)
        sys.exit(SKIPPED)


main()
