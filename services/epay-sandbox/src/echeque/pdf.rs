//! An e-Cheque as a PDF: one page, one attachment, two empty signature fields, and then a revision for each signature.
//!
//! Written by hand, object by object, because that is the shortest way to bytes whose every offset is known. A
//! signature leaves room for itself, signs everything around that room, and fills it.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::MakeError;
use super::authority::Identity;
use super::signature;

/// Bytes that a signature has room for.
const ROOM: usize = 3_072;

/// What is written on a cheque.
#[derive(Debug, Clone)]
pub(super) struct Cheque {
    pub(super) bank: String,
    pub(super) branch: String,
    pub(super) account: String,
    pub(super) number: String,
    /// `2026-01-20`.
    pub(super) date: String,
    /// `6700.00`.
    pub(super) amount: String,
    pub(super) payee: String,
    pub(super) payer: String,
}

impl Cheque {
    /// The cheque's own name.
    pub(super) fn item(&self) -> String {
        format!(
            "{}-{}-{}-{}",
            self.bank, self.branch, self.account, self.number
        )
    }

    /// The attachment.
    fn data(&self) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Cheque xmlns=\"urn:epay:echeque:1\">\n",
        );
        for (name, value) in [
            ("Bank", &self.bank),
            ("Branch", &self.branch),
            ("Account", &self.account),
            ("Number", &self.number),
            ("Date", &self.date),
            ("Currency", &"HKD".to_owned()),
            ("Amount", &self.amount),
            ("Payee", &self.payee),
            ("Payer", &self.payer),
        ] {
            let value = quick_xml::escape::escape(value.as_str());
            text.push_str(&format!("  <{name}>{value}</{name}>\n"));
        }
        text.push_str("</Cheque>\n");
        text
    }

    /// The page's drawing.
    fn drawing(&self) -> String {
        let lines = [
            format!("TEST e-Cheque {}", self.number),
            format!("Date  {}", self.date),
            format!("Pay  {}", self.payee),
            format!("HKD  {}", self.amount),
            format!("{}   account {}", self.payer, self.account),
        ];
        let mut text = String::from("BT /F1 11 Tf 24 210 Td 22 TL\n");
        for line in lines {
            text.push_str(&format!("({}) Tj T*\n", shown(&line)));
        }
        text.push_str("ET\n");
        text
    }
}

/// Text between parentheses, in the letters that the built-in font has.
fn shown(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if (' '..='~').contains(&letter) {
                letter
            } else {
                '?'
            }
        })
        .flat_map(|letter| {
            let escape = matches!(letter, '(' | ')' | '\\').then_some('\\');
            escape.into_iter().chain([letter])
        })
        .collect()
}

/// A file under way.
struct File {
    bytes: Vec<u8>,
    /// Numbers and offsets of the objects of this revision.
    written: Vec<(usize, usize)>,
    /// Where the cross-reference table before this one is.
    previous: Option<usize>,
}

/// Numbers of the objects that are written.
const CATALOGUE: usize = 1;
const PAGE: usize = 3;
const FIELDS: [usize; 2] = [8, 9];
const SIGNATURES: [usize; 2] = [10, 11];
const FIELD_NAMES: [&str; 2] = ["Payer", "Bank"];

/// Draws and signs a cheque: for its payer, then for the bank.
pub(super) fn make(
    cheque: &Cheque,
    payer: &Identity,
    bank: &Identity,
    at: Timestamp,
) -> Result<Vec<u8>, MakeError> {
    let mut file = File::drawn(cheque);
    for (signer, index) in [payer, bank].into_iter().zip(0_usize..) {
        file = file.signed(index, signer, at)?;
    }
    Ok(file.bytes)
}

impl File {
    fn drawn(cheque: &Cheque) -> Self {
        let mut file = Self {
            bytes: b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec(),
            written: Vec::new(),
            previous: None,
        };
        let names = "/Names << /EmbeddedFiles << /Names [ (echeque.xml) 7 0 R ] >> >>";
        file.object(
            CATALOGUE,
            &format!("<< /Type /Catalog /Pages 2 0 R /AcroForm 12 0 R {names} >>"),
        );
        file.object(2, "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>");
        file.object(
            PAGE,
            "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 504 252 ] /Contents 4 0 R /Annots [ 8 0 R 9 0 R ] \
             /Resources << /Font << /F1 5 0 R >> >> >>",
        );
        file.stream(4, "", &cheque.drawing());
        file.object(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        file.stream(
            6,
            "/Type /EmbeddedFile /Subtype /text#2Fxml ",
            &cheque.data(),
        );
        file.object(
            7,
            "<< /Type /Filespec /F (echeque.xml) /UF (echeque.xml) /EF << /F 6 0 R >> >>",
        );
        for index in 0..FIELDS.len() {
            file.field(index, None);
        }
        file.object(12, "<< /Fields [ 8 0 R 9 0 R ] /SigFlags 3 >>");
        file.close();
        file
    }

    /// Adds a revision with a signature over everything but itself.
    fn signed(mut self, index: usize, signer: &Identity, at: Timestamp) -> Result<Self, MakeError> {
        let number = SIGNATURES.get(index).copied().unwrap_or_default();
        self.field(index, Some(number));
        self.written.push((number, self.bytes.len()));
        let moment = at.strftime("%Y%m%d%H%M%SZ");
        let head = format!(
            "{number} 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:{moment})\n/ByteRange "
        );
        self.bytes.extend_from_slice(head.as_bytes());
        let range_at = self.bytes.len();
        // Room for the four numbers, whose lengths are not known yet.
        let range_room = range(0, 0, 0).len();
        self.bytes.extend(std::iter::repeat_n(b' ', range_room));
        self.bytes.extend_from_slice(b"\n/Contents ");
        let from = self.bytes.len();
        self.bytes.push(b'<');
        self.bytes.extend(std::iter::repeat_n(b'0', ROOM * 2));
        self.bytes.push(b'>');
        let until = self.bytes.len();
        self.bytes.extend_from_slice(b"\n>>\nendobj\n");
        self.close();
        let end = self.bytes.len();
        put(
            &mut self.bytes,
            range_at,
            range(from, until, end - until).as_bytes(),
        );
        let mut digest = Sha256::new();
        digest.update(self.bytes.get(..from).unwrap_or_default());
        digest.update(self.bytes.get(until..).unwrap_or_default());
        let signature = signature::sign(signer, digest.finalize().as_slice())?;
        if signature.len() > ROOM {
            return Err(MakeError::TooLarge);
        }
        put(&mut self.bytes, from + 1, hex::encode(signature).as_bytes());
        Ok(self)
    }

    fn field(&mut self, index: usize, value: Option<usize>) {
        let name = FIELD_NAMES.get(index).copied().unwrap_or_default();
        let number = FIELDS.get(index).copied().unwrap_or_default();
        let value = value.map_or_else(String::new, |value| format!(" /V {value} 0 R"));
        self.object(
            number,
            &format!(
                "<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F 132 /Rect [ 0 0 0 0 ] /P {PAGE} 0 R{value} >>"
            ),
        );
    }

    fn object(&mut self, number: usize, body: &str) {
        self.written.push((number, self.bytes.len()));
        self.bytes
            .extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }

    fn stream(&mut self, number: usize, keys: &str, content: &str) {
        let length = content.len();
        self.object(
            number,
            &format!("<< {keys}/Length {length} >>\nstream\n{content}\nendstream"),
        );
    }

    /// Writes the cross-reference table and the trailer of this revision.
    fn close(&mut self) {
        let at = self.bytes.len();
        self.written.sort_unstable();
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, offset) in self.written.drain(..) {
            // Each object is a section of its own: which ones a revision holds is no business of the table.
            // Writing into a text does not fail.
            write!(table, "{number} 1\n{offset:010} 00000 n \n").unwrap_or_default();
        }
        let size = FIELDS.len() + SIGNATURES.len() + 9;
        let previous = self
            .previous
            .replace(at)
            .map_or_else(String::new, |previous| format!(" /Prev {previous}"));
        table.push_str(&format!(
            "trailer\n<< /Size {size} /Root {CATALOGUE} 0 R{previous} >>\nstartxref\n{at}\n%%EOF\n"
        ));
        self.bytes.extend_from_slice(table.as_bytes());
    }
}

/// A byte range; its length does not depend on the numbers.
fn range(until: usize, from: usize, length: usize) -> String {
    format!("[0 {until:010} {from:010} {length:010}]")
}

/// Writes over bytes that are there.
fn put(bytes: &mut [u8], at: usize, text: &[u8]) {
    let room = bytes.get_mut(at..).unwrap_or_default();
    for (place, byte) in room.iter_mut().zip(text) {
        *place = *byte;
    }
}
