"""Makes e-Cheques with programs that are not ours: fpdf2 draws the page, pyHanko signs it.

Used by echeque.py (fresh cheques, judged by pyHanko and by our rail) and, run by itself, to make the goldens of the rail:

    python tests/peers/_echeque_pdf.py adapters/rail-echeque/tests/cheques

It writes the PDFs, the certificates of the test roots, and manifest.json, which says how each is to be judged. Keys live as long as the
process: nobody can sign another cheque under a committed root.
"""

import datetime as dt
import io
import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

# Policies of our own convention, below a private enterprise arc that nobody uses.
PAYER_POLICY = "1.3.6.1.4.1.99999.1.1"
BANK_POLICY = "1.3.6.1.4.1.99999.1.2"
NAMESPACE = "urn:epay:echeque:1"
ATTACHMENT = "echeque.xml"
PADES = fields.SigSeedSubFilter.PADES
PKCS7 = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
PAYEE = "The Government of the Hong Kong Special Administrative Region"
BANK_NAME = "TEST Harbour Bank"
# Hexadecimal digits that a signature has room for.
RESERVED = 6144
HKT = dt.timezone(dt.timedelta(hours=8))


def now():
    return dt.datetime.now(HKT).replace(microsecond=0)


class Identity:
    """A certificate with its key and the certificates above it."""

    def __init__(self, cert, key, chain):
        self.cert, self.key, self.chain = cert, key, chain

    def signer(self):
        load = lambda cert: asn1_x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER))
        store = SimpleCertificateStore()
        store.register_multiple([load(cert) for cert in self.chain])
        der = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key = asn1_keys.PrivateKeyInfo.load(der)
        return signers.SimpleSigner(signing_cert=load(self.cert), signing_key=key, cert_registry=store)


def name(common, organization):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "HK"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def usage(**of):
    names = [
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    ]
    return x509.KeyUsage(**{key: of.get(key, False) for key in names})


def new_key(kind):
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


def root(common, kind="p256"):
    key, subject, made = new_key(kind), name(common, "TEST Certification"), now()
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made - dt.timedelta(days=3650)).not_valid_after(made + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return Identity(builder.sign(key, hashes.SHA256()), key, [])


def under(issuer, common, organization, policy=None, ca=False, kind="p256", days=(-365, 730), key_usage=None):
    """A certificate below another; `days` is its validity around now."""
    key, made = new_key(kind), now()
    key_usage = key_usage or ({"key_cert_sign": True} if ca else {"digital_signature": True, "content_commitment": True})
    builder = (
        x509.CertificateBuilder().subject_name(name(common, organization)).issuer_name(issuer.cert.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(made + dt.timedelta(days=days[0])).not_valid_after(made + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(usage(**key_usage), critical=True)
    )
    if policy:
        information = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
        builder = builder.add_extension(x509.CertificatePolicies([information]), critical=False)
    return Identity(builder.sign(issuer.key, hashes.SHA256()), key, [issuer.cert, *issuer.chain])


class World:
    """One recognised root, an authority below it, a bank and payers; and a root that nobody recognises."""

    def __init__(self):
        self.root = root("TEST Recognised Root")
        self.authority = under(self.root, "TEST Recognised CA 1", "TEST Certification", ca=True)
        self.payer = under(self.authority, "CHAN TAI MAN", "TEST Payers", PAYER_POLICY)
        self.rsa_payer = under(self.authority, "LEE SIU MING LIMITED", "TEST Payers", PAYER_POLICY, kind="rsa")
        self.bank = under(self.authority, "TEST Harbour Bank e-Cheque", BANK_NAME, BANK_POLICY, kind="p384")
        self.stranger_root = root("TEST Stranger Root")
        self.stranger = under(self.stranger_root, "CHAN TAI MAN", "TEST Payers", PAYER_POLICY)


def cheque(**changes):
    """The data of a cheque: bank, branch, account, number, date, currency, amount, payee, payer."""
    data = {
        "Bank": "024", "Branch": "001", "Account": "123456789001", "Number": "000123", "Date": now().date().isoformat(),
        "Currency": "HKD", "Amount": "6700.00", "Payee": PAYEE, "Payer": "CHAN TAI MAN",
    }
    return data | changes


def xml(data):
    fields_ = "".join(f"  <{key}>{escape(value)}</{key}>\n" for key, value in data.items() if value is not None)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Cheque xmlns="{NAMESPACE}">\n{fields_}</Cheque>\n'.encode()


def page(data, attachments=None, encrypt=False):
    """The unsigned PDF."""
    pdf = FPDF(format=(178, 89))
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_font("Helvetica", size=9)
    pdf.set_xy(8, 8)
    pdf.multi_cell(0, 5, f"TEST e-Cheque {data['Number']}\nDate: {data['Date']}\nPay: {data['Payee']}\n"
                         f"{data['Currency']} {data['Amount']}\nPayer: {data['Payer']}")
    for file, body in (attachments or {ATTACHMENT: xml(data)}).items():
        pdf.embed_file(bytes=body, basename=file, compress=True, mime_type="text/xml")
    if encrypt:
        pdf.set_encryption(owner_password="owner", user_password="secret")
    return bytes(pdf.output())


def sign(body, identity, field, subfilter=PADES):
    """Adds one signature by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(body))
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=subfilter, md_algorithm="sha256")
    out = signers.PdfSigner(meta, signer=identity.signer()).sign_pdf(writer, bytes_reserved=RESERVED)
    return out.getvalue()


def signed(world, data=None, subfilters=(PADES, PADES), payer=None, bank=None, body=None):
    body = body or page(data or cheque())
    body = sign(body, payer or world.payer, "Payer", subfilters[0])
    return sign(body, bank or world.bank, "Bank", subfilters[1])


def pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM).decode()


def changed(body, change):
    """One more revision that only changes something, made by pyHanko's writer."""
    writer = IncrementalPdfFileWriter(io.BytesIO(body))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def other_text(writer):
    """Another page content: what is seen is no longer what was signed."""
    contents = writer.root["/Pages"]["/Kids"][0]["/Contents"]
    contents._data = b"BT /F1 12 Tf 20 200 Td (HKD 9,999,999.00) Tj ET"
    contents._encoded_data = None
    writer.mark_update(contents.container_ref)


def annotation(writer):
    """A note laid over the page."""
    page_ = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (20, 180, 300, 220)]),
            generic.pdf_name("/Contents"): generic.TextStringObject("HKD 9,999,999.00"),
        }
    )
    page_["/Annots"].append(writer.add_object(note))
    writer.update_container(page_["/Annots"])
    writer.mark_update(page_.container_ref)


def action(name_, **more):
    """A catalogue that acts when the file is opened."""

    def change(writer):
        made = {generic.pdf_name("/S"): generic.pdf_name(name_)}
        made |= {generic.pdf_name("/" + key): generic.TextStringObject(value) for key, value in more.items()}
        writer.root["/OpenAction"] = generic.DictionaryObject(made)
        writer.update_root()

    return change


def goldens(world):
    """Every golden: file name, bytes, the verdict ("taken" or the code of the rule), what it shows."""
    taken = "taken"
    base = page(cheque())
    payer_signed = sign(base, world.payer, "Payer")
    valid = sign(payer_signed, world.bank, "Bank")
    one = lambda **changes: signed(world, cheque(**changes))
    data = lambda files: signed(world, body=page(cheque(), attachments=files))
    acting = lambda change: sign(sign(changed(base, change), world.payer, "Payer"), world.bank, "Bank")
    between = lambda change: sign(changed(payer_signed, change), world.bank, "Bank")
    payer = lambda **options: under(world.authority, "CHAN TAI MAN", "TEST Payers", PAYER_POLICY, **options)
    again = under(world.authority, "TEST Harbour Bank e-Cheque", BANK_NAME, BANK_POLICY)
    nameless = under(world.authority, "CHAN TAI MAN", "TEST Payers")
    other_bank = under(world.authority, "TEST Other Bank e-Cheque", "TEST Other Bank", BANK_POLICY)
    below_payer = under(world.payer, "CHAN TAI MAN", "TEST Payers", PAYER_POLICY)
    no_sign = payer(key_usage={"key_encipherment": True})
    too_old = (dt.date.fromisoformat(months_ago(6)) - dt.timedelta(days=1)).isoformat()
    tomorrow = (now().date() + dt.timedelta(days=1)).isoformat()
    two = {ATTACHMENT: xml(cheque()), "more.xml": xml(cheque(Amount="1.00"))}
    return [
        ("valid", valid, taken, "Payer, then bank, both PAdES; elliptic curves P-256 and P-384."),
        ("valid-pkcs7", signed(world, subfilters=(PKCS7, PKCS7), payer=world.rsa_payer), taken,
         "Both plain PKCS #7; the payer with RSA."),
        ("valid-mixed", signed(world, subfilters=(PKCS7, PADES)), taken, "A PKCS #7 payer and a PAdES bank."),
        ("valid-bank-first", sign(sign(base, world.bank, "Bank"), world.payer, "Payer"), taken,
         "The bank signs first: roles come from certificates, not from order."),
        ("valid-short-payee", one(Payee="The Government of  the hksar"), taken, "The short name, with other case and spacing."),
        ("valid-oldest", one(Date=months_ago(6)), taken, "Six months old to the day."),
        ("one-signature", payer_signed, "wrong_signatures", "The bank has not signed."),
        ("three-signatures", sign(valid, again, "Again"), "wrong_signatures", "Somebody signed once more."),
        ("unsigned", base, "wrong_signatures", "Nobody has signed."),
        ("two-payers", sign(payer_signed, payer(), "Bank"), "wrong_signers", "Two payers and no bank."),
        ("no-policy", signed(world, payer=nameless), "wrong_signers", "A certificate that says neither payer nor bank."),
        ("unknown-authority", signed(world, payer=world.stranger), "unknown_authority", "The payer's root is not recognised."),
        ("below-a-payer", signed(world, payer=below_payer), "unknown_authority",
         "A payer issued a certificate as if it were an authority."),
        ("expired", signed(world, payer=payer(days=(-350, -300))), "certificate_not_valid", "The certificate had expired."),
        ("not-yet-valid", signed(world, payer=payer(days=(10, 700))), "certificate_not_valid", "The certificate begins later."),
        ("encipherment-key", signed(world, payer=no_sign), "certificate_not_for_signing", "A certificate for encryption only."),
        ("other-bank", signed(world, bank=other_bank), "other_bank", "Signed by another bank than the one drawn on."),
        ("incremental-update", changed(valid, other_text), "not_covered",
         "A revision behind the last signature changes the page."),
        ("changed-between", between(other_text), "changed_after_signing",
         "The page was changed after the payer signed, and then the bank did."),
        ("annotated-between", between(annotation), "changed_after_signing", "A note was laid over the page after the payer signed."),
        ("javascript", acting(action("/JavaScript", JS="app.alert(1)")), "active_content", "A script runs when the file is opened."),
        ("launch", acting(action("/Launch", F="calc.exe")), "active_content", "A program is started when the file is opened."),
        ("password", page(cheque(), encrypt=True), "locked", "A password is needed to read it."),
        ("packed-objects", packed(cheque()), "too_complex", "Objects are packed into streams."),
        ("no-attachment", data({"other.xml": b"<a/>"}), "no_cheque_data", "No data."),
        ("two-attachments", data(two), "no_cheque_data", "Two attachments."),
        ("bomb", data({ATTACHMENT: b" " * 1_000_000}), "no_cheque_data", "An attachment that unpacks to a million bytes."),
        ("bad-data", data({ATTACHMENT: xml(cheque()) + b"<Cheque/>"}), "bad_cheque_data", "A second element behind the data."),
        ("wrong-payee", one(Payee="CHAN TAI MAN"), "wrong_payee", "To somebody else."),
        ("wrong-currency", one(Currency="USD"), "wrong_currency", "In US dollars."),
        ("wrong-amount", one(Amount="6700.01"), "wrong_amount", "One cent too much."),
        ("post-dated", one(Date=tomorrow), "post_dated", "Dated tomorrow."),
        ("stale", one(Date=too_old), "stale", "Six months and a day old."),
    ]


def months_ago(months):
    """The same day of an earlier month, or its last."""
    today = now().date()
    index = today.year * 12 + today.month - 1 - months
    for number in range(today.day, 0, -1):
        try:
            return dt.date(index // 12, index % 12 + 1, number).isoformat()
        except ValueError:
            continue


def packed(data):
    """The page written anew by pyHanko, with an object stream."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(page(data))))
    writer.stream_xrefs = True
    stream = writer.prepare_object_stream()
    word = generic.DictionaryObject({generic.pdf_name("/Packed"): generic.BooleanObject(True)})
    writer.add_object(word, obj_stream=stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def settings(world):
    """The rail's table for this world, as TOML."""
    return (
        f"roots = ['''\n{pem(world.root.cert)}''']\n"
        f"payer_policy = '{PAYER_POLICY}'\nbank_policy = '{BANK_POLICY}'\n"
        f"[banks]\n024 = '{BANK_NAME}'\n"
    )


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    world = World()
    listed = []
    for file, body, verdict, shows in goldens(world):
        (folder / f"{file}.pdf").write_bytes(body)
        listed.append({"file": f"{file}.pdf", "verdict": verdict, "shows": shows})
    (folder / "settings.toml").write_text(settings(world))
    manifest = {"at": now().isoformat(), "amount": "6700.00", "cheques": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{len(listed)} cheques in {folder}")


if __name__ == "__main__":
    main()
