//! The mail server: RFC 5321 as far as a sender of letters needs it, without TLS, on this machine.
//!
//! A session is a loop of one command and one answer. A letter is kept when its end has come, and only then confirmed; one whose
//! `Message-ID` is there already is counted and not kept again, as mail stores that suppress duplicates do.
//!
//! Bounds: [`SESSIONS_MAX`] sessions at once, [`LINE_BYTES_MAX`] a line, [`LETTER_BYTES_MAX`] a letter, [`RECIPIENTS_MAX`] a letter,
//! [`SILENCE_MAX`] between two lines.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::NAME;
use super::letter::Letter;
use super::rules::{BUSY, FULL, LOST_ANSWER, MAIL_RAIL, REFUSED, faults};
use super::store::{self, New};
use crate::books::BooksError;
use crate::channel::sender::chain;
use crate::channel::signature::sha256_hex;
use crate::frame::{Frame, Writing};

const SESSIONS_MAX: usize = 64;
const LINE_BYTES_MAX: u64 = 2_000;
const LETTER_BYTES_MAX: usize = 256 * 1024;
const RECIPIENTS_MAX: usize = 10;
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// The pause after a connection could not be taken, for instance because there are too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop` is cancelled. Sessions end with it: a letter that is not confirmed comes again.
pub(super) async fn serve(listener: std::net::TcpListener, frame: Frame, stop: CancellationToken) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            warn!(%error, "The mail server could not be started");
            return;
        }
    };
    let places = Arc::new(Semaphore::new(SESSIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let mut stream = match accepted {
            Ok((stream, _peer)) => stream,
            Err(error) => {
                warn!(%error, "A mail connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            // Whoever is told so comes again; whoever has left needs no answer.
            drop(stream.write_all(b"421 too many sessions\r\n").await);
            continue;
        };
        let (frame, stop) = (frame.clone(), stop.clone());
        tokio::spawn(async move {
            let session = Session::new(stream, frame).run();
            let ended = tokio::select! {
                () = stop.cancelled() => Ok(()),
                ended = session => ended,
            };
            if let Err(error) = ended {
                info!(%error, "A mail session broke off");
            }
            drop(place);
        });
    }
}

/// One connection, and the letter that is being handed over.
struct Session {
    stream: BufReader<TcpStream>,
    frame: Frame,
    from: Option<String>,
    to: Vec<String>,
    loses_answer: bool,
}

/// What follows an answer.
enum Next {
    Go(&'static str),
    End(&'static str),
    /// The connection ends without an answer.
    Vanish,
}

impl Session {
    fn new(stream: TcpStream, frame: Frame) -> Self {
        Self {
            stream: BufReader::new(stream),
            frame,
            from: None,
            to: Vec::new(),
            loses_answer: false,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 sandbox ESMTP").await?;
        loop {
            let line = self.line().await?;
            let line = String::from_utf8_lossy(&line).into_owned();
            match self.obey(line.trim_end()).await? {
                Next::Go(answer) => self.say(answer).await?,
                Next::End(answer) => return self.say(answer).await,
                Next::Vanish => return Ok(()),
            }
        }
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        let answer = format!("{answer}\r\n");
        self.stream.get_mut().write_all(answer.as_bytes()).await
    }

    /// The next line, with its end. A line that is too long, and silence, end the session.
    async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.stream).take(LINE_BYTES_MAX);
        let read = bounded.read_until(b'\n', &mut line);
        tokio::time::timeout(SILENCE_MAX, read).await??;
        if line.ends_with(b"\n") {
            Ok(line)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    async fn obey(&mut self, line: &str) -> io::Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match verb.to_ascii_uppercase().as_str() {
            "EHLO" => Next::Go("250-sandbox\r\n250-8BITMIME\r\n250 SMTPUTF8"),
            "HELO" | "NOOP" => Next::Go("250 ok"),
            "RSET" => {
                self.forget();
                Next::Go("250 ok")
            }
            "QUIT" => Next::End("221 bye"),
            "MAIL" => match path(rest, "FROM:") {
                Some(from) => {
                    self.forget();
                    self.from = Some(from);
                    Next::Go("250 ok")
                }
                None => Next::Go("501 MAIL FROM:<address>"),
            },
            "RCPT" => match path(rest, "TO:") {
                _ if self.from.is_none() => Next::Go("503 MAIL first"),
                Some(to) if !to.is_empty() => self.recipient(to).await,
                _ => Next::Go("501 RCPT TO:<address>"),
            },
            "DATA" if self.to.is_empty() => Next::Go("503 RCPT first"),
            "DATA" => {
                self.say("354 end with a line of one full stop").await?;
                let letter = self.letter().await?;
                self.take(letter.as_deref()).await
            }
            _ => Next::Go("502 no such command"),
        })
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
        self.loses_answer = false;
    }

    async fn recipient(&mut self, to: String) -> Next {
        if self.to.len() == RECIPIENTS_MAX {
            return Next::Go("452 too many recipients");
        }
        let Ok(chosen) = faults(&self.frame, MAIL_RAIL, &to).await else {
            return Next::Go("451 the books did not answer");
        };
        let refusals = [
            (&REFUSED, "550 no such box"),
            (&FULL, "552 the box is full"),
            (&BUSY, "451 busy"),
        ];
        if let Some((_, answer)) = refusals.iter().find(|(item, _)| chosen.on(item).is_some()) {
            return Next::Go(answer);
        }
        self.loses_answer |= chosen.on(&LOST_ANSWER).is_some();
        self.to.push(to);
        Next::Go("250 ok")
    }

    /// A letter up to its end; nothing where it is too long, which is read to its end all the same.
    async fn letter(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut letter = Vec::new();
        let mut fits = true;
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                return Ok(fits.then_some(letter));
            }
            // A full stop that begins a line was doubled on the way (RFC 5321 section 4.5.2).
            let line = line.strip_prefix(b".").unwrap_or(&line);
            fits = fits && letter.len().saturating_add(line.len()) <= LETTER_BYTES_MAX;
            if fits {
                letter.extend_from_slice(line);
            }
        }
    }

    async fn take(&mut self, bytes: Option<&[u8]>) -> Next {
        let from = self.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.to);
        let Some(bytes) = bytes else {
            return Next::Go("552 the letter is too long");
        };
        let Some(letter) = Letter::read(bytes) else {
            return Next::Go("554 a letter has a Message-ID");
        };
        match keep(&self.frame, &from, &to, &letter).await {
            Ok(is_new) if is_new && self.loses_answer => Next::Vanish,
            Ok(_counted) => Next::Go("250 kept"),
            Err(error) => {
                warn!(error = %chain(&error), "A mail could not be kept");
                Next::Go("451 the books did not answer")
            }
        }
    }
}

/// Keeps a letter, once a recipient. Whether it was not here before.
async fn keep(
    frame: &Frame,
    from: &str,
    to: &[String],
    letter: &Letter,
) -> Result<bool, BooksError> {
    let now = frame.now();
    let mut client = frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, now).await?;
    let mut is_new = false;
    for (place, recipient) in to.iter().enumerate() {
        let copy = format!("{}#{place}", letter.name);
        let new = New {
            channel: MAIL_RAIL,
            name: if place == 0 { &letter.name } else { &copy },
            sender: from,
            recipient,
            language: &letter.language,
            title: &letter.title,
            body: &letter.body,
            order_sha256: &sha256_hex(letter.body.as_bytes()),
            fate: "delivered",
        };
        is_new |= store::keep(writing.sql(), &new, now).await?.is_new;
    }
    writing.commit().await?;
    Ok(is_new)
}

/// The address of a command, between its angle brackets; what follows them is left aside.
fn path(rest: &str, word: &str) -> Option<String> {
    let (found, after) = rest.split_at_checked(word.len())?;
    let address = after.trim_start().strip_prefix('<')?.split_once('>')?.0;
    let fits = found.eq_ignore_ascii_case(word) && !address.chars().any(char::is_control);
    fits.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn an_address_stands_between_angle_brackets() {
        let table = [
            ("FROM:<a@b> BODY=8BITMIME", Some("a@b")),
            ("from: <a@b>", Some("a@b")),
            ("FROM:<>", Some("")),
            ("FROM:a@b", None),
            ("TO:<a@b>", None),
            ("F", None),
        ];
        for (rest, expected) in table {
            assert_eq!(path(rest, "FROM:").as_deref(), expected, "{rest}");
        }
    }
}
