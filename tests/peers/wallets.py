"""WeChat Pay's and PayMe's proofs, judged by programs that are not ours.

The requests that our rails sign (adapters/rail-wallet/tests/vectors/requests.json, which a Rust test holds to be exactly what the
rails write) are verified by wechatpayv3 and by httpsig; WeChat Pay's encrypted notices among the golden messages are opened by
wechatpayv3, and those that our rail refuses to open it must refuse too.
"""

import json
import os
import sys
from pathlib import Path

from httpsig.verify import HeaderVerifier
from wechatpayv3.utils import aes_decrypt, load_public_key, rsa_verify

ROOT = Path(os.environ.get("EPAY_ROOT", Path(__file__).resolve().parents[2]))
TESTS = ROOT / "adapters" / "rail-wallet" / "tests"
API_V3_KEY = "TEST-APIv3-key-of-32-characters!"
PAYME_SECRET = b"0123456789abcdef0123456789abcdef"


def wechat_request(request):
    """Whether wechatpayv3 verifies what a request's Authorization signs; its verifier joins three lines, we give it five."""
    scheme, _, fields = request["headers"]["authorization"].partition(" ")
    field = dict(part.split("=", 1) for part in fields.split(","))
    field = {name: value.strip('"') for name, value in field.items()}
    key = load_public_key((TESTS / "keys" / "ours.pub.pem").read_text())
    head = f'{request["method"]}\n{request["target"]}\n{field["timestamp"]}'
    good = rsa_verify(head, field["nonce_str"], request["body"], field["signature"], key)
    bad = rsa_verify(head, field["nonce_str"], request["body"] + " ", field["signature"], key)
    return scheme == "WECHATPAY2-SHA256-RSA2048" and good and not bad


def payme_request(request):
    """Whether httpsig verifies a request's Signature header, and refuses it for another path."""
    headers = request["headers"]
    required = ["(request-target)", "digest", "request-date-time", "authorization"]

    def verified(path):
        return HeaderVerifier(
            headers, PAYME_SECRET, required_headers=required, method=request["method"], path=path,
            sign_header="signature",
        ).verify()

    return verified(request["target"]) and not verified(request["target"] + "x")


def wechat_notice(file):
    """Whether wechatpayv3 opens a notice exactly when our rail does."""
    expected = json.loads(file.with_suffix(".json").read_text())["decodes_to"]
    resource = json.loads(file.read_text())["resource"]
    plain = aes_decrypt(resource["nonce"], resource["ciphertext"], resource["associated_data"], API_V3_KEY)
    ours = expected.get("quarantined", {}).get("code") != "not_decrypted"
    return (plain is not None) == ours


def main():
    checks = []
    for request in json.loads((TESTS / "vectors" / "requests.json").read_text()):
        judge = {"wechat": wechat_request, "payme": payme_request}.get(request["rail"])
        if judge:
            checks.append((f'{request["rail"]} {request["method"]} {request["target"]}', judge(request)))
    for file in sorted((TESTS / "golden" / "wechat").glob("notice-*.txt")):
        checks.append((file.name, wechat_notice(file)))
    for name, good in checks:
        print(f'{"ok" if good else "FAILED"}: {name}')
    failed = sum(not good for _, good in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed or not checks else 0


if __name__ == "__main__":
    sys.exit(main())
