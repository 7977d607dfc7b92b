//! The other side of the socket: answers by a script, one queue of answers a kind of order, and remembers its calls.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a call is answered: with these words, or not at all.
type Answer = Option<String>;

#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Counterparty {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
}

impl Counterparty {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, script }
    }

    /// An address at which nobody listens: a call to it certainly does not arrive.
    pub(crate) async fn nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    /// The next order of this kind is answered so.
    pub(crate) fn answers(&self, kind: &str, words: &str) {
        self.push(kind, Some(words.to_owned()));
    }

    /// The next order of this kind arrives, and its answer is lost.
    pub(crate) fn loses(&self, kind: &str) {
        self.push(kind, None);
    }

    fn push(&self, kind: &str, answer: Answer) {
        let mut script = self.script.lock().unwrap();
        let queue = script.answers.entry(kind.to_owned()).or_default();
        queue.push_back(answer);
    }

    /// The calls so far, as `kind key`, with the payment's reference cut off.
    pub(crate) fn calls(&self) -> Vec<String> {
        let script = self.script.lock().unwrap();
        let words = script.calls.iter();
        words
            .map(|(kind, key)| format!("{kind}{}", key.get(20..).unwrap_or_default()))
            .collect()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) -> Option<()> {
    let mut request = Vec::new();
    let body_at = loop {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.ok()?;
        request.extend_from_slice(&part[..count]);
        if let Some(at) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if count == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&request[..body_at]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    while request.len() < body_at + length {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.ok()?;
        request.extend_from_slice(&part[..count]);
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (kind, key) = path.split_once('/')?;
    let answer = {
        let mut script = script.lock().unwrap();
        script.calls.push((kind.to_owned(), key.to_owned()));
        let scripted = script.answers.get_mut(kind).and_then(VecDeque::pop_front);
        // Unasked, a payer is waited for.
        scripted.unwrap_or_else(|| Some(r#"{"reports":[{"finding":"waiting"}]}"#.to_owned()))
    };
    let words = answer?;
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{words}",
        words.len()
    );
    stream.write_all(reply.as_bytes()).await.ok()
}
