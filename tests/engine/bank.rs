//! A bank that takes payout orders over HTTP, remembers what it was sent and answers as a test says.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the bank answers.
pub(crate) enum Answer {
    /// An HTTP status and a body.
    Status(u16, String),
    /// Nothing: the connection ends.
    HangUp,
}

/// The bank.
#[derive(Debug)]
pub(crate) struct Bank {
    url: String,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Bank {
    /// Opens a bank whose answer depends on the message id.
    pub(crate) async fn open(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/payments", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (book, answer) = (Arc::clone(&heard), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&book), Arc::clone(&answer)));
            }
        });
        Self { url, heard }
    }

    /// The rails' settings with this bank.
    pub(crate) fn rails(&self) -> String {
        format!("[fps]\npayout_url = '{}'", self.url)
    }

    /// Message ids, as they came.
    pub(crate) fn keys(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(key, _body)| key.clone()).collect()
    }

    /// Bodies, as they came.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(_key, body)| body.clone()).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    heard: Arc<Mutex<Vec<(String, String)>>>,
    answer: Arc<impl Fn(&str) -> Answer>,
) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0_usize);
            break (head.len() + 4, length);
        }
    };
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let body = String::from_utf8(bytes[head..head + length].to_vec()).unwrap();
    let key = body
        .split("<MsgId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    heard.lock().unwrap().push((key.clone(), body));
    if let Answer::Status(status, body) = answer(&key) {
        let reply = format!(
            "HTTP/1.1 {status} OK\r\ncontent-type: application/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}
