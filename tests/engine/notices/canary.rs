//! No log line and no table holds an address, whatever channels say back: at the loudest level, from the planner to the last failure.

use std::io::Write;
use std::sync::{Arc, Mutex};

use epay_pg::testing::holds;
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::gateway::Answer;
use super::post::{Post, mail_on};
use crate::house::House;

/// Everything that we write, and what clients of networks and databases say that may quote what they carry.
const LOUD: &str = "trace,hyper=debug,hyper_util=debug,h2=info,tokio_postgres=debug,mio=info,runtime=info,tokio=info";
/// What no line may hold: the telephone number with its country and without, and the mailbox.
const SECRETS: [&str; 3] = ["61230001", "person-1@", "6123 0001"];
/// Accounts of the person, one bill each.
const NUMBERS: [&str; 5] = [
    "000123456789011",
    "000123456789020",
    "000222222222226",
    "000333333333333",
    "000444444444448",
];

/// What was logged on this thread, which every task of a test runs on.
#[derive(Debug, Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A mail server that knows nobody, and quotes whom it was asked for.
async fn mail_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _from)) = listener.accept().await {
            tokio::spawn(know_nobody(stream));
        }
    });
    port
}

async fn know_nobody(stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let answer = if line.starts_with("RCPT") {
            format!("550 5.1.1 {}: no such mailbox\r\n", line.trim_end())
        } else {
            "250 ok\r\n".to_owned()
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// What is told of five bills while channels refuse, fail and take, each with the address in its answer; then an address does not open.
async fn say_everything(house: &House, post: &Post) {
    let person = post.person(house, 1, (NUMBERS[0], Post::wants())).await;
    for number in &NUMBERS[1..] {
        post.follow(house, 1, ("rvd-rates", number)).await;
    }
    // Taken; given up by SMS, and then by mail; not now; nobody knows.
    for (status, number) in [202, 422, 503, 500].into_iter().zip(NUMBERS) {
        house.bill("rvd-rates", number, 372_000).await;
        post.gateway.answers([Answer::Echoes(status)]);
        post.tell(house).await;
    }
    house.clock.forward(SignedDuration::from_mins(5));
    post.gateway.answers([Answer::Echoes(503); 2]);
    post.send(house).await;
    let client = house.pool().get().await.unwrap();
    let alter =
        "UPDATE contact.point SET sealed = decode(repeat('00', 60), 'hex') WHERE person_id = $1";
    assert_eq!(client.execute(alter, &[&person]).await.unwrap(), 2);
    house.bill("rvd-rates", NUMBERS[4], 372_000).await;
    post.tell(house).await;
}

#[tokio::test]
async fn no_log_line_and_no_table_holds_an_address_that_a_channel_says_back() {
    let log = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(LOUD))
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _until_the_end = subscriber.set_default();
    let house = House::open().await;
    let port = mail_server().await;
    let post = Post::with_mail(&house, Some(mail_on(port))).await;
    say_everything(&house, &post).await;

    let states = house.notices().await;
    let ready = states.iter().filter(|line| line.starts_with("bill_ready"));
    let ready: Vec<&str> = ready.filter_map(|line| line.split(' ').nth(1)).collect();
    // Of an answer that says nothing sure, nobody knows: the same message goes again.
    let expected = [
        "created",
        "created",
        "permanent_failure",
        "permanent_failure",
        "sending",
    ];
    let mut found = ready;
    found.sort_unstable();
    assert_eq!(found, expected, "{states:?}");
    let text = log.text();
    for line in ["A notice was not taken", "An address does not open"] {
        assert!(text.contains(line), "it is as loud as it was told to be");
    }
    for secret in SECRETS {
        let lines: Vec<&str> = text.lines().filter(|line| holds(line, secret)).collect();
        assert!(lines.is_empty(), "{secret}: {lines:#?}");
        assert_eq!(house.database.rows().await.holding(secret), [""; 0]);
    }
}
