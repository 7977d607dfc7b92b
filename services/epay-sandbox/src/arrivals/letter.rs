//! Reads a letter as far as a person wants to see it: name, subject, language, text. One part, as our sender writes it.
//!
//! Bounds: the caller's; a letter is one buffer, and each of its bytes is looked at a fixed number of times.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A letter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// Its `Message-ID`, without the angle brackets.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) language: String,
    pub(super) body: String,
}

impl Letter {
    /// Reads a letter; nothing where it has no name.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let field = |name: &str| {
            let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
            let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.trim())
        };
        let name = field("Message-ID")
            .strip_prefix('<')?
            .strip_suffix('>')
            .filter(|name| !name.is_empty())?;
        let body = match field("Content-Transfer-Encoding")
            .to_ascii_lowercase()
            .as_str()
        {
            "base64" => {
                let packed: String = body.split_ascii_whitespace().collect();
                lossy(STANDARD.decode(packed).ok()?)
            }
            "quoted-printable" => lossy(quoted(body.as_bytes(), false)),
            _ => body.to_owned(),
        };
        Some(Self {
            name: name.to_owned(),
            title: words(field("Subject")),
            language: field("Content-Language").to_owned(),
            body: body.replace("\r\n", "\n").trim_end().to_owned(),
        })
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Quoted-printable (RFC 2045); in a header an underscore is a space (RFC 2047).
fn quoted(text: &[u8], in_header: bool) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'=' => {
                let (pair, after) = rest.split_at(rest.len().min(2));
                let mut byte = [0];
                if pair == b"\r\n" {
                    rest = after;
                } else if hex::decode_to_slice(pair, &mut byte).is_ok() {
                    plain.extend(byte);
                    rest = after;
                } else {
                    plain.push(b'=');
                }
            }
            b'_' if in_header => plain.push(b' '),
            other => plain.push(*other),
        }
    }
    plain
}

/// A header's text with its encoded words (RFC 2047) read. Bytes of neighbours are put together first: a letter may be cut in two.
fn words(text: &str) -> String {
    let mut plain: Vec<u8> = Vec::new();
    let mut after_word = false;
    let mut space = false;
    for part in text.split(' ') {
        let word = encoded_word(part);
        // Between two encoded words a space is only there to part them.
        if space && !(after_word && word.is_some()) {
            plain.push(b' ');
        }
        after_word = word.is_some();
        plain.extend(word.unwrap_or_else(|| part.as_bytes().to_vec()));
        space = true;
    }
    lossy(plain)
}

fn encoded_word(part: &str) -> Option<Vec<u8>> {
    let inner = part.strip_prefix("=?")?.strip_suffix("?=")?;
    let (charset, rest) = inner.split_once('?')?;
    let (kind, text) = rest.split_once('?')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    match kind {
        "b" | "B" => STANDARD.decode(text).ok(),
        "q" | "Q" => Some(quoted(text.as_bytes(), true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Letter, words};

    #[test]
    fn a_letter_is_read_whatever_it_is_packed_in() {
        let table = [
            ("", "差餉 = Rates"),
            (
                "Content-Transfer-Encoding: base64\r\n",
                "5beu6aSJID0g\r\nUmF0ZXM=",
            ),
            (
                "Content-Transfer-Encoding: Quoted-Printable\r\n",
                "=E5=B7=AE=\r\n=E9=A4=89 =3D Rates",
            ),
        ];
        for (encoding, body) in table {
            let text = format!(
                "message-id: <7@pay.example>\r\nSubject: =?utf-8?b?5beu?=\r\n =?utf-8?b?6aSJ?= now\r\nContent-Language: zh-HK, en-HK\r\n{encoding}\r\n{body}\r\n"
            );
            let expected = Letter {
                name: "7@pay.example".to_owned(),
                title: "差餉 now".to_owned(),
                language: "zh-HK, en-HK".to_owned(),
                body: "差餉 = Rates".to_owned(),
            };
            assert_eq!(Letter::read(text.as_bytes()), Some(expected), "{text}");
        }
        assert_eq!(Letter::read(b"Subject: x\r\n\r\nno name"), None);
    }

    #[test]
    fn encoded_words_are_put_together() {
        let table = [
            ("plain  text", "plain  text"),
            ("=?utf-8?q?a_b=21?= c", "a b! c"),
            ("=?utf-8?b?5b?= =?x", "=?utf-8?b?5b?= =?x"),
            ("=?big5?b?5beu?=", "=?big5?b?5beu?="),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut letter = b"Message-ID: <1@x>\r\nContent-Transfer-Encoding: quoted-printable\r\nSubject: ".to_vec();
            letter.extend(bytes);
            let _read_or_refused = Letter::read(&letter);
        }
    }
}
