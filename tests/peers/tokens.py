"""Payment tokens of Apple Pay and Google Pay, made by a program that is not ours and judged by ours.

Every token is built here from the published descriptions alone, with the Python packages cryptography and asn1crypto: ECv1, ECv2 and
ECv2SigningOnly with the signing keys that Tink publishes for tests (tink-crypto/tink-java-apps, Apache-2.0), EC_v1 and RSA_v1 under
a certificate authority that is made on the spot. A good token must be taken and open to the same text; each bad one must be refused
by the rule that it breaks. Keys, nonces and signatures are new in every run.

Runs `judge-tokens`, which lies beside the binary named by EPAY_BIN. Prints one line a check, ends with `N passed, N failed`, and exits
with 1 if any failed. `--write FOLDER` writes the two files of vectors instead, for the Rust tests.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

# Kept vectors are made for one moment; a run of the peers for its own, because the other judge asks the machine's clock.
NOW = datetime.datetime(2026, 11, 23, 4, 0, tzinfo=datetime.timezone.utc)
if "--write" not in sys.argv:
    NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
NOW_MS = int(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000
RECIPIENT = "merchant:epay-test"
# Tink's published test keys: root keys of both versions. The version 2 one also signs as its own intermediate there.
TINK_EC_V1 = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZj/Dldxz8fvKVF5OTeAtK6tY3G1McmvhMppe6ayW6GahRANCAAQ9icfBLy56BYB7BC2XGLOYsXKf"
    "AdzFFPU8rTtwMDr8LixetUjVLNkJTHxTxLQuMytPqKt39Vbtt7czPq3+yu1F"
)
TINK_EC_V2 = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKvEdSS8f0mjTCNKevaKXIzfNC5b4A104gJWI9TsLIMqhRANCAAT/X7ccFVJt2/6Ps1oCt2AzKhIA"
    "zjfJHJ3Op2DVPGh1LMD3oOPgxzUSIqujHG6dq9Ui93Eacl4VWJPMW/MVHHIL"
)


def b64(data):
    return base64.b64encode(data).decode()


def spki(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def point(key):
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def new_ec():
    return ec.generate_private_key(ec.SECP256R1())


def pkcs8(key, encoding=serialization.Encoding.DER, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(encoding, form, serialization.NoEncryption())


# --- Google Pay -----------------------------------------------------------------------------------------------------------------


def rows(*texts):
    return b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)


def escaped(value):
    """JSON as Google writes it: no spaces, `=` as an escape."""
    return json.dumps(value, separators=(",", ":")).replace("=", "\\u003d")


def sealed(plain, recipient_key, version, alter=None):
    size = 16 if version == "ECv1" else 32
    ephemeral = new_ec()
    shared = ephemeral.exchange(ec.ECDH(), recipient_key.public_key())
    keys = HKDF(hashes.SHA256(), 2 * size, bytes(32), b"Google").derive(point(ephemeral) + shared)
    encryptor = Cipher(algorithms.AES(keys[:size]), modes.CTR(bytes(16))).encryptor()
    text = encryptor.update(plain.encode()) + encryptor.finalize()
    tag = hmac.new(keys[size:], text, hashlib.sha256).digest()
    if alter == "ciphertext":
        text = bytes([text[0] ^ 1]) + text[1:]
    if alter == "tag":
        tag = bytes([tag[0] ^ 1]) + tag[1:]
    return escaped({"encryptedMessage": b64(text), "ephemeralPublicKey": b64(point(ephemeral)), "tag": b64(tag)})


def google(version, plain, root, recipient_key, *, recipient=RECIPIENT, intermediate_ends=NOW_MS + HOUR_MS, **options):
    sign = lambda key, *texts: b64(key.sign(rows(*texts), ec.ECDSA(hashes.SHA256())))
    message = plain if version == "ECv2SigningOnly" else sealed(plain, recipient_key, version, options.get("alter"))
    token = {"protocolVersion": version, "signedMessage": message}
    signer = root
    if version != "ECv1":
        signer = new_ec()
        key = escaped({"keyValue": b64(spki(signer)), "keyExpiration": str(intermediate_ends)})
        signatures = [sign(options.get("intermediate_signer", root), "Google", version, key)]
        if options.get("another_signature"):
            signatures.insert(0, sign(new_ec(), "Google", version, key))
        token["intermediateSigningKey"] = {"signedKey": key, "signatures": options.get("signatures", signatures)}
    token["signature"] = sign(options.get("signer", signer), "Google", recipient, version, message)
    token.update(options.get("extra", {}))
    return json.dumps(token, separators=(",", ":"))


def message(ends=NOW_MS + HOUR_MS, **details):
    card = {"expirationYear": 2028, "expirationMonth": 12, "pan": "4111111111111111", "authMethod": "PAN_ONLY"} | details
    return escaped({"messageExpiration": str(ends), "messageId": os.urandom(24).hex(), "paymentMethod": "CARD", "paymentMethodDetails": card})


def google_vectors():
    load = lambda text: serialization.load_der_private_key(base64.b64decode(text), None)
    roots = {"ECv1": load(TINK_EC_V1), "ECv2": load(TINK_EC_V2), "ECv2SigningOnly": new_ec()}
    ours = new_ec()
    vectors = []

    def add(name, version, expect, plain=None, root_ends=NOW_MS + HOUR_MS, opened_by=ours, token=None, **options):
        plain = plain if plain is not None else message()
        made = token or google(version, plain, roots[version], ours, **options)
        vectors.append({
            "id": f"{version}-{name}", "scheme": "google-pay", "protocolVersion": version, "token": made, "recipientId": RECIPIENT,
            "rootSigningKeys": [{"keyValue": b64(spki(roots[version])), "protocolVersion": version, "keyExpiration": str(root_ends)}],
            "recipientPrivateKeyPkcs8Base64": b64(pkcs8(opened_by)), "evaluateAtUnixMs": NOW_MS, "expect": expect,
            "expectedPlaintext": plain if expect == "accept" else None,
        })

    for version in roots:
        add("card", version, "accept")
        add("device-card", version, "accept", message(authMethod="CRYPTOGRAM_3DS", cryptogram="AAAAAA/COBt84dnIEcwAA3gAAGhgEDoLABAAhAgAABAAAALnNCLw==", eciIndicator="05"))
        add("other-members-inside", version, "accept", message(assuranceDetails={"cardHolderAuthenticated": True}))
        add("message-expired", version, "reject:message-expired", message(ends=NOW_MS))
        add("message-expires-in-a-moment", version, "accept", message(ends=NOW_MS + 1))
        add("root-expired", version, "reject:root-key-expired", root_ends=NOW_MS)
        add("wrong-recipient", version, "reject:bad-signature", recipient="merchant:somebody-else")
        add("wrong-signer", version, "reject:bad-signature", signer=new_ec())
        add("signature-no-base64", version, "reject:bad-signature", extra={"signature": "no base64"})
        add("unknown-member", version, "reject:malformed", extra={"note": "x"})
        add("no-expiry-inside", version, "reject:bad-payment", escaped({"messageId": "1", "paymentMethod": "CARD"}))
        twice = google(version, message(), roots[version], ours)
        add("member-twice", version, "reject:malformed", token=twice[:-1] + ',"signature":""}')
        add("comment", version, "reject:malformed", token=twice + "// good")
        if version != "ECv2SigningOnly":
            add("text-inside", version, "reject:bad-payment", "plaintext")
            add("altered-ciphertext", version, "reject:cannot-decrypt", alter="ciphertext")
            add("altered-tag", version, "reject:cannot-decrypt", alter="tag")
            add("another-key", version, "reject:cannot-decrypt", opened_by=new_ec())
        if version != "ECv1":
            add("two-signatures", version, "accept", another_signature=True)
            add("intermediate-expired", version, "reject:intermediate-key-expired", intermediate_ends=NOW_MS)
            add("wrong-intermediate-signer", version, "reject:bad-intermediate-signature", intermediate_signer=new_ec())
            add("intermediate-signature-no-base64", version, "reject:bad-intermediate-signature", signatures=["invalid_signature"])
            add("no-intermediate-signature", version, "reject:malformed", signatures=[])
    return vectors


# --- Apple Pay ------------------------------------------------------------------------------------------------------------------

LEAF_MARK = x509.ObjectIdentifier("1.2.840.113635.100.6.29")
INTERMEDIATE_MARK = x509.ObjectIdentifier("1.2.840.113635.100.6.2.14")
MERCHANT_HASH = x509.ObjectIdentifier("1.2.840.113635.100.6.32")


def certificate(name, key, issuer, issuer_key, *, ca=False, mark=None, ends=NOW + datetime.timedelta(days=300), extra=()):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW - datetime.timedelta(days=600)).not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True)
    )
    if mark:
        builder = builder.add_extension(x509.UnrecognizedExtension(mark, b"\x05\x00"), critical=False)
    for extension in extra:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA384() if not issuer else hashes.SHA256())


class Wallet:
    """Stands for Apple: a root, an intermediate, an EC and an RSA leaf, and the merchants' certificates."""

    def __init__(self):
        self.root_key, self.intermediate_key = ec.generate_private_key(ec.SECP384R1()), new_ec()
        self.root = certificate("Test Root", self.root_key, None, self.root_key, ca=True)
        self.intermediate = certificate("Test Intermediate", self.intermediate_key, self.root, self.root_key, ca=True, mark=INTERMEDIATE_MARK)
        self.leaf_keys = {"ec": new_ec(), "rsa": rsa.generate_private_key(65537, 2048)}
        self.leaves = {kind: self.leaf(kind) for kind in self.leaf_keys}
        self.merchant_keys = {"EC_v1": new_ec(), "RSA_v1": rsa.generate_private_key(65537, 2048)}
        self.merchant_hash = hashlib.sha256(b"merchant.hk.gov.epay.test").digest()
        text = self.merchant_hash.hex().upper().encode()
        mark = x509.UnrecognizedExtension(MERCHANT_HASH, b"\x0c\x40" + text)
        self.merchants = {
            version: certificate("Merchant", key, self.intermediate, self.intermediate_key, extra=[mark])
            for version, key in self.merchant_keys.items()
        }

    def leaf(self, kind, mark=LEAF_MARK, **options):
        return certificate(f"Test Leaf {kind}", self.leaf_keys[kind], self.intermediate, self.intermediate_key, mark=mark, **options)

    def key_and_material(self, version, bits):
        """The data's key, and what the header says of it."""
        merchant = self.merchant_keys[version]
        if version == "RSA_v1":
            key = os.urandom(bits // 8)
            oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
            return key, merchant.public_key().encrypt(key, oaep)
        ephemeral = new_ec()
        shared = ephemeral.exchange(ec.ECDH(), merchant.public_key())
        info = b"\x0did-aes256-GCM" + b"Apple" + self.merchant_hash
        return hashlib.sha256(b"\0\0\0\1" + shared + info).digest(), spki(ephemeral)

    def signature(self, signed, kind, *, leaf=None, intermediate=None, at=NOW, unsigned=False, indefinite=True, message_digest=None):
        leaf, intermediate = leaf or self.leaves[kind], intermediate or self.intermediate
        to_asn1 = lambda cert: asn1_x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER))
        attributes = cms.CMSAttributes([
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at)})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [message_digest or hashlib.sha256(signed).digest()]}),
        ])
        key = self.leaf_keys[kind]
        to_sign = attributes.dump()
        if kind == "ec":
            algorithm, signature = {"algorithm": "sha256_ecdsa"}, key.sign(to_sign, ec.ECDSA(hashes.SHA256()))
        else:
            algorithm, signature = {"algorithm": "rsassa_pkcs1v15"}, key.sign(to_sign, padding.PKCS1v15(), hashes.SHA256())
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        own = to_asn1(leaf)
        signer = {
            "version": "v1", "digest_algorithm": digest, "signature_algorithm": algorithm, "signature": signature, "signed_attrs": attributes,
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}}),
        }
        if unsigned:
            signer["unsigned_attrs"] = [cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at)})]})]
        data = cms.SignedData({
            "version": "v1", "digest_algorithms": [digest], "encap_content_info": {"content_type": "data"},
            "certificates": [own, to_asn1(intermediate)], "signer_infos": [signer],
        })
        if not indefinite:
            return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
        # The outer shells with indefinite lengths, as Apple writes them.
        shell = lambda tag, contents: bytes([tag, 0x80]) + contents + b"\0\0"
        identifier = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()
        return shell(0x30, identifier + shell(0xA0, shell(0x30, contents_of(data.dump()))))

    def token(self, version, kind, plain, *, bits=256, application_data=None, alter=None, key_hash=None, header=None, **options):
        key, material = self.key_and_material(version, bits)
        encryptor = Cipher(algorithms.AES(key), modes.GCM(bytes(16))).encryptor()
        data = encryptor.update(plain.encode()) + encryptor.finalize() + encryptor.tag
        if alter == "before signing":
            data = bytes([data[0] ^ 1]) + data[1:]
        transaction = os.urandom(32)
        signed = material + data + transaction + (application_data or b"")
        signature = self.signature(signed, kind, **options)
        if alter == "after signing":
            data = bytes([data[0] ^ 1]) + data[1:]
        names = {"EC_v1": "ephemeralPublicKey", "RSA_v1": "wrappedKey"}
        head = {names[version]: b64(material), "transactionId": transaction.hex()}
        head["publicKeyHash"] = b64(key_hash or hashlib.sha256(spki(self.merchant_keys[version])).digest())
        if application_data:
            head["applicationData"] = application_data.hex()
        return {"version": version, "data": b64(data), "signature": b64(signature), "header": head | (header or {})}


def contents_of(der):
    """What is inside a value, after its tag and definite length."""
    first = der[1]
    return der[2:] if first < 0x80 else der[2 + (first & 0x7F):]


def payment(amount=12_345, currency="344", **members):
    proof = {"onlinePaymentCryptogram": b64(os.urandom(20)), "eciIndicator": "7"}
    return json.dumps({
        "applicationPrimaryAccountNumber": "4111111111111111", "applicationExpirationDate": "281231", "currencyCode": currency,
        "transactionAmount": amount, "deviceManufacturerIdentifier": "040010030273", "paymentDataType": "3DSecure", "paymentData": proof,
    } | members, separators=(",", ":"))


def apple_vectors():
    apple, stranger = Wallet(), Wallet()
    pem = lambda cert: cert.public_bytes(serialization.Encoding.PEM).decode()
    vectors = []

    def add(name, version, kind, expect, plain=None, maker=apple, at=NOW, private_form=serialization.PrivateFormat.PKCS8, wanted=None, **options):
        plain = plain or payment()
        vectors.append({
            "id": f"{version}-{kind}-{name}", "scheme": "apple-pay", "version": version, "rootsPem": pem(apple.root),
            "paymentData": maker.token(version, kind, plain, **options), "merchantCertificatePem": pem(apple.merchants[version]),
            "merchantPrivateKeyPem": pkcs8(apple.merchant_keys[version], serialization.Encoding.PEM, private_form).decode(),
            "signingTime": at.isoformat(), "expect": expect, "expectedPlaintext": plain if expect == "accept" else None,
            "wanted": {"amount": 12_345, "currency": "344", "applicationData": None} | (wanted or {}),
        })

    stranger.merchants, stranger.merchant_keys, stranger.merchant_hash = apple.merchants, apple.merchant_keys, apple.merchant_hash
    for version, kind in [("EC_v1", "ec"), ("RSA_v1", "rsa"), ("EC_v1", "rsa"), ("RSA_v1", "ec")]:
        add("card", version, kind, "accept")
        add("definite-lengths", version, kind, "accept", indefinite=False)
        add("application-data", version, kind, "accept", application_data=hashlib.sha256(b"order").digest(), wanted={"applicationData": hashlib.sha256(b"order").hexdigest()})
        add("other-application-data", version, kind, "reject:wrong-application-data", application_data=hashlib.sha256(b"order").digest(), wanted={"applicationData": hashlib.sha256(b"another").hexdigest()})
        add("altered-after-signing", version, kind, "reject:bad-signature", alter="after signing")
        add("altered-before-signing", version, kind, "reject:cannot-decrypt", alter="before signing")
        add("another-merchant", version, kind, "reject:cannot-decrypt", key_hash=bytes(32))
        add("another-root", version, kind, "reject:bad-chain", maker=stranger)
        add("leaf-without-mark", version, kind, "reject:bad-chain", leaf=apple.leaf(kind, mark=None))
        add("leaf-ended-before", version, kind, "reject:bad-chain", leaf=apple.leaf(kind, ends=NOW - datetime.timedelta(days=1)))
        unmarked = certificate("Test Intermediate", apple.intermediate_key, apple.root, apple.root_key, ca=True)
        add("intermediate-without-mark", version, kind, "reject:bad-chain", intermediate=unmarked)
        no_authority = certificate("Test Intermediate", apple.intermediate_key, apple.root, apple.root_key, mark=INTERMEDIATE_MARK)
        add("intermediate-no-authority", version, kind, "reject:bad-chain", intermediate=no_authority)
        add("unsigned-attributes", version, kind, "reject:bad-signature", unsigned=True)
        add("wrong-digest", version, kind, "reject:bad-signature", message_digest=bytes(32))
        add("stale", version, kind, "reject:stale", at=NOW + datetime.timedelta(minutes=6))
        add("from-the-future", version, kind, "reject:stale", at=NOW - datetime.timedelta(minutes=2))
        add("another-amount", version, kind, "reject:wrong-amount", payment(amount=12_346))
        add("another-currency", version, kind, "reject:wrong-currency", payment(currency="840"))
        add("for-a-terminal", version, kind, "reject:bad-payment", payment(paymentDataType="EMV"))
        add("unknown-member", version, kind, "reject:malformed", header={"note": "x"})
        add("transaction-in-capitals", version, kind, "reject:malformed", header={"transactionId": "AB" * 32})
    reference = hashlib.sha256(b"EP0AB1CD2EF3GH4JK5MN").digest()
    add("our-reference", "EC_v1", "ec", "accept", application_data=reference, wanted={"applicationData": reference.hex()})
    add("short-key", "RSA_v1", "rsa", "accept", bits=128)
    add("key-as-pkcs1", "RSA_v1", "rsa", "accept", private_form=serialization.PrivateFormat.TraditionalOpenSSL)
    add("key-as-sec1", "EC_v1", "ec", "accept", private_form=serialization.PrivateFormat.TraditionalOpenSSL)
    add("odd-key", "RSA_v1", "rsa", "reject:cannot-decrypt", bits=192)
    return vectors


def write(folder):
    """Every row for Google Pay; for Apple Pay the rows of the usual pairing, and what is taken of the others."""
    apple = [row for row in apple_vectors() if row["id"].startswith("EC_v1-ec") or row["expect"] == "accept"]
    for name, vectors in [("google-pay", google_vectors()), ("apple-pay", apple)]:
        (folder / f"made-{name}.json").write_text(json.dumps(vectors, indent=1) + "\n")


# Where the other judge is known to differ: it passes over members that it does not know and takes the last of two, and it opens
# a message without asking whether a payment is inside. A moment before the end is over when it looks.
LOOSER = ["unknown-member", "member-twice", "text-inside", "no-expiry-inside"]
LATER = ["message-expires-in-a-moment"]


def second_opinion(vectors):
    """google-pay-token-decryption on the rows of version 2, the only ones that it knows: pairs of a row's id and whether it agrees."""
    try:
        from google_pay_token_decryption import GooglePayTokenDecryptor
    except ImportError:
        print("skipped: google-pay-token-decryption is not installed")
        return
    for vector in vectors:
        name = vector["id"].removeprefix("ECv2-")
        if vector["id"] == name or name in LOOSER + LATER:
            continue
        try:
            judge = GooglePayTokenDecryptor(vector["rootSigningKeys"], RECIPIENT, vector["recipientPrivateKeyPkcs8Base64"])
            opened = judge.decrypt_token(json.loads(vector["token"])) == json.loads(vector["expectedPlaintext"] or "null")
        except Exception:  # It refuses in many words of several libraries.
            opened = False
        yield vector["id"], opened == (vector["expect"] == "accept")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--write":
        write(Path(sys.argv[2]))
        return 0
    judge = Path(os.environ["EPAY_BIN"]).with_name("judge-tokens")
    vectors = google_vectors() + apple_vectors()
    ran = subprocess.run([judge], input=json.dumps(vectors), capture_output=True, encoding="utf-8", check=True)
    verdicts = {verdict["id"]: verdict for verdict in map(json.loads, ran.stdout.splitlines())}
    failed = 0
    for vector in vectors:
        verdict = verdicts[vector["id"]]
        right = verdict["verdict"] == vector["expect"]
        number = vector["expect"] != "accept" or verdict["number"] == "4111111111111111"
        failed += not (right and number)
        print(f"{'ok' if right and number else 'FAIL'}  {vector['id']}: {vector['expect']}" + ("" if right else f", judged {verdict['verdict']}"))
    count = len(vectors)
    for name, agrees in second_opinion(vectors):
        count, failed = count + 1, failed + (not agrees)
        print(f"{'ok' if agrees else 'FAIL'}  google-pay-token-decryption agrees on {name}")
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
