//! E-mail: a plain text handed to the mail server of this installation, one transaction a message.
//!
//! 1. The letter is written: `Message-ID` is the message's name, so that whoever suppresses duplicates knows a repeat. Nothing in it is
//!    fetched from anywhere, and nothing tells us that it was read.
//! 2. The transaction is done step by step, because only the last step can leave it open: until the end of the letter was sent, a
//!    connection that breaks has certainly left nothing behind.
//! 3. What a server says is a number; its words, which quote the address, are not passed on.
//!
//! Bounds: [`MAIL_TIMEOUT`] a message, and [`IDLE_CONNECTIONS_MAX`] connections that wait for the next one.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use epay_domain::notification::Failure;
use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Letter};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{ChannelsError, Message, Sent};

/// A message that is not handed over after so long is given up.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(60);
/// Most connections that are kept for the next message.
pub const IDLE_CONNECTIONS_MAX: usize = 8;
/// A connection that does not stand after so long is not made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How a mail server is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS from `STARTTLS` on; without it nothing is sent.
    StartTls,
    /// No TLS: on this machine only.
    Plain,
}

/// How the mail server is reached, and from whom letters come.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken with.
    pub security: MailSecurity,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, SecretString)>,
    /// From whom letters come: an address, or a name and an address in angle brackets.
    pub from: String,
    /// Where a person writes to who wants no more letters.
    pub unsubscribe: String,
}

/// The mail server.
#[derive(Clone)]
pub(crate) struct MailServer {
    host: String,
    port: u16,
    tls: Option<(TlsParameters, bool)>,
    credentials: Option<Credentials>,
    hello: ClientId,
    from: Mailbox,
    unsubscribe: String,
    idle: Arc<Mutex<Vec<AsyncSmtpConnection>>>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl MailServer {
    pub(crate) fn open(options: MailOptions) -> Result<Self, ChannelsError> {
        let from: Mailbox = options
            .from
            .parse()
            .map_err(|_fault| ChannelsError::Mail("from"))?;
        let unsubscribe: lettre::Address = options
            .unsubscribe
            .parse()
            .map_err(|_fault| ChannelsError::Mail("unsubscribe"))?;
        let tls = || {
            let made = TlsParameters::new(options.host.clone());
            made.map_err(|_fault| ChannelsError::Mail("host"))
        };
        let tls = match options.security {
            MailSecurity::Tls => Some((tls()?, true)),
            MailSecurity::StartTls => Some((tls()?, false)),
            MailSecurity::Plain if is_here(&options.host) => None,
            MailSecurity::Plain => return Err(ChannelsError::Mail("security")),
        };
        Ok(Self {
            host: options.host,
            port: options.port,
            tls,
            credentials: options
                .credentials
                .map(|(user, password)| Credentials::new(user, password.expose_secret().into())),
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
            unsubscribe: unsubscribe.to_string(),
            idle: Arc::default(),
        })
    }

    pub(crate) async fn send(
        &self,
        message: &Message,
        address: &SecretString,
        now: Timestamp,
    ) -> Sent {
        let letter = match self.letter(message, address, now) {
            Ok(letter) => letter,
            Err(failed) => return failed,
        };
        // The future holds a whole conversation: it lives on the heap.
        let handed = Box::pin(self.hand_over(&letter));
        match tokio::time::timeout(MAIL_TIMEOUT, handed).await {
            Ok(Ok(())) => Sent::Taken {
                provider_reference: message.id.to_string(),
            },
            Ok(Err(sent)) => sent,
            Err(_elapsed) => Sent::unknown("the mail server did not answer in time"),
        }
    }

    /// The letter.
    ///
    /// # Errors
    /// When it cannot go to this address, ever.
    fn letter(
        &self,
        message: &Message,
        address: &SecretString,
        now: Timestamp,
    ) -> Result<Letter, Sent> {
        let address = address.expose_secret();
        let to: Option<lettre::Address> = address.parse().ok();
        let to = to.filter(|_address| address.is_ascii()).ok_or_else(|| {
            Sent::failed(Failure::Permanent, "the address is none that mail goes to")
        })?;
        let raw = |name: &'static str, value: String| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
        };
        let name = format!("<{}@{}>", message.id, self.from.email.domain());
        Letter::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(now.into())
            .message_id(Some(name))
            .subject(message.title.clone().unwrap_or_default())
            .raw_header(raw("Content-Language", message.language_tags().to_owned()))
            // Nobody's holiday is answered (RFC 3834), and who wants no more letters writes one.
            .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(raw(
                "List-Unsubscribe",
                format!("<mailto:{}>", self.unsubscribe),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(message.body.clone())
            .map_err(|_fault| Sent::failed(Failure::Technical, "the letter could not be written"))
    }

    /// One transaction, on a connection that waits or on a new one.
    async fn hand_over(&self, letter: &Letter) -> Result<(), Sent> {
        let sender = || Mail::new(Some(self.from.email.clone()), Vec::new());
        let waiting = self.idle().pop();
        let mut connection = match waiting {
            // The server may have ended it meanwhile: nothing of this message was sent on it, so another is made.
            Some(mut connection) => match connection.command(sender()).await {
                Ok(_ready) => connection,
                Err(_ended) => self.begin(sender()).await?,
            },
            None => self.begin(sender()).await?,
        };
        for address in letter.envelope().to() {
            let recipient = Rcpt::new(address.clone(), Vec::new());
            let answer = connection.command(recipient).await;
            answer.map_err(|error| refused(&error, "recipient"))?;
        }
        let ready = connection.command(Data).await;
        ready.map_err(|error| unsent(&error, "data"))?;
        let taken = connection.message(&letter.formatted()).await;
        taken.map_err(|error| match error.status() {
            Some(_code) => refused(&error, "letter"),
            None => Sent::unknown("the mail server did not confirm the letter"),
        })?;
        let mut idle = self.idle();
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(connection);
        }
        Ok(())
    }

    /// A new connection, on which a transaction has begun.
    async fn begin(&self, sender: Mail) -> Result<AsyncSmtpConnection, Sent> {
        let tls = self.tls.as_ref();
        let at_once = tls.filter(|(_tls, at_once)| *at_once);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.host.as_str(), self.port),
            Some(CONNECT_TIMEOUT),
            &self.hello,
            at_once.map(|(tls, _)| tls.clone()),
            None,
        )
        .await
        .map_err(|error| unsent(&error, "connection"))?;
        if let Some((tls, false)) = tls {
            let secured = connection.starttls(tls.clone(), &self.hello).await;
            secured.map_err(|error| unsent(&error, "starttls"))?;
        }
        if let Some(credentials) = &self.credentials {
            let known = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            known.map_err(|error| unsent(&error, "authentication"))?;
        }
        let ready = connection.command(sender).await;
        ready.map_err(|error| unsent(&error, "sender"))?;
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<AsyncSmtpConnection>> {
        // A panic elsewhere leaves the list whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step failed before the letter was sent: it is certainly not taken, and it is not the person's doing.
fn unsent(error: &SmtpError, step: &str) -> Sent {
    let code = error.status();
    let code = code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
    Sent::failed(Failure::Technical, format!("{step}: {code}"))
}

/// The server does not take it for this person (RFC 5321 section 4.2.3).
fn refused(error: &SmtpError, step: &str) -> Sent {
    let Some(code) = error.status() else {
        return unsent(error, step);
    };
    let code = u16::from(code);
    let failure = match code {
        // No such box, moved away, a name that is none.
        550 | 551 | 553 => Failure::Permanent,
        // A full or a busy box.
        450 | 452 | 552 => Failure::Temporary,
        // Everything else is the server's own, or ours.
        _ => Failure::Technical,
    };
    Sent::failed(failure, format!("{step}: {code}"))
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let address: Result<core::net::IpAddr, _> = host.parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
