use epay_channels::{Address, Channels, ChannelsOptions, MailOptions, MailSecurity, Message, Sent};
use epay_domain::notification::Failure;
use epay_notice::Tongue;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use uuid::Uuid;

/// What the server answers to a command; an empty answer ends the connection.
type Script = [(&'static str, &'static str)];

/// A mail server that answers by a script, and by consent where that says nothing. It tells what it heard.
async fn server(script: &'static Script) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, script, heard.clone()));
        }
    });
    (port, hears)
}

async fn attend(stream: TcpStream, script: &'static Script, heard: mpsc::UnboundedSender<String>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test\r\n").await.unwrap();
    let mut in_letter = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        heard.send(line.clone()).unwrap();
        let command = match (in_letter, line.as_str()) {
            (true, ".") => ".",
            (true, _) => continue,
            (false, line) => line.split([' ', ':']).next().unwrap(),
        };
        let scripted = script.iter().find(|(known, _)| *known == command);
        let answer = match (scripted, command) {
            (Some((_, answer)), _) => answer,
            (None, "EHLO") => "250-mail.test\r\n250 8BITMIME",
            (None, "DATA") => "354 go on",
            (None, _) => "250 ok",
        };
        if answer.is_empty() {
            return;
        }
        in_letter = answer.starts_with("354");
        let answer = format!("{answer}\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn options(port: u16) -> MailOptions {
    MailOptions {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::Plain,
        credentials: None,
        from: "TEST Bills <bills@pay.example>".to_owned(),
        unsubscribe: "stop@pay.example".to_owned(),
    }
}

fn open(options: MailOptions) -> Result<Channels, epay_channels::ChannelsError> {
    crate::install_crypto_provider();
    Channels::open(ChannelsOptions {
        email: Some(options),
        ..ChannelsOptions::default()
    })
}

fn message(to: &str) -> Message {
    Message {
        id: Uuid::from_u128(7),
        to: Address::Email(to.into()),
        title: Some("差餉 Rates".to_owned()),
        body: "你的差餉已發出。\n.\nYour rates are ready.\n".to_owned(),
        tongue: Tongue::Both,
    }
}

#[tokio::test]
async fn every_answer_of_a_server_says_what_is_known_of_the_letter() {
    use Failure::{Permanent, Technical, Temporary};
    let table: [(&Script, Option<Failure>); 15] = [
        (&[("RCPT", "550 no such user")], Some(Permanent)),
        (&[("RCPT", "551 moved")], Some(Permanent)),
        (&[("RCPT", "553 no name")], Some(Permanent)),
        (&[("RCPT", "552 full")], Some(Temporary)),
        (&[("RCPT", "450 busy")], Some(Temporary)),
        (&[("RCPT", "451 trouble")], Some(Technical)),
        (&[("RCPT", "554 policy")], Some(Technical)),
        (&[("RCPT", "")], Some(Technical)),
        (&[("MAIL", "550 not you")], Some(Technical)),
        (&[("DATA", "")], Some(Technical)),
        (&[("EHLO", ""), ("HELO", "")], Some(Technical)),
        (&[(".", "552 full")], Some(Temporary)),
        (&[(".", "554 no")], Some(Technical)),
        // The letter was sent, and nobody says whether it is there.
        (&[(".", "")], None),
        (&[(".", "what?")], None),
    ];
    for (script, expected) in table {
        let (port, _heard) = server(script).await;
        let sent = open(options(port))
            .unwrap()
            .send(&message("chan@mail.test"))
            .await;
        let (found, detail) = match sent {
            Sent::Failed { failure, detail } => (Some(failure), detail),
            Sent::Unknown { detail } => (None, detail),
            Sent::Taken { .. } => panic!("{script:?} was taken"),
        };
        assert_eq!(found, expected, "{script:?}");
        assert!(!detail.contains("chan"), "{detail}");
    }
}

#[tokio::test]
async fn a_letter_is_plain_text_with_a_name_and_a_way_out() {
    let (port, mut heard) = server(&[]).await;
    let channels = open(options(port)).unwrap();
    let taken = Sent::Taken {
        provider_reference: Uuid::from_u128(7).to_string(),
    };
    for _same_again in 0..2 {
        assert_eq!(channels.send(&message("chan@mail.test")).await, taken);
    }
    let mut lines = Vec::new();
    while let Ok(line) = heard.try_recv() {
        lines.push(line);
    }
    let said = |line: &str| lines.iter().filter(|known| *known == line).count();
    let name = "Message-ID: <00000000-0000-0000-0000-000000000007@pay.example>";
    for line in [
        name,
        "Content-Language: zh-HK, en-HK",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <mailto:stop@pay.example>",
        "Content-Type: text/plain; charset=utf-8",
        "To: chan@mail.test",
        "RCPT TO:<chan@mail.test>",
    ] {
        assert_eq!(said(line), 2, "{line}: {lines:#?}");
    }
    // The second letter went over the connection of the first.
    assert_eq!(said("EHLO pay.example"), 1);
    let links = lines.iter().filter(|line| line.contains("http")).count();
    assert_eq!(links, 0);
}

#[tokio::test]
async fn an_address_that_is_none_is_never_tried() {
    let (port, mut heard) = server(&[]).await;
    let channels = open(options(port)).unwrap();
    for address in [
        "",
        "chan",
        "chan@@x",
        "陳@mail.test",
        "chan@mail.test\r\nRCPT TO:<x@y>",
    ] {
        let sent = channels.send(&message(address)).await;
        let permanent = matches!(
            sent,
            Sent::Failed {
                failure: Failure::Permanent,
                ..
            }
        );
        assert!(permanent, "{address}: {sent:?}");
    }
    assert!(heard.try_recv().is_err());
}

#[test]
fn without_tls_a_server_must_be_on_this_machine() {
    let elsewhere = |change: fn(&mut MailOptions)| {
        let mut options = options(25);
        change(&mut options);
        open(options).err().map(|error| error.to_string())
    };
    let word = |word: &str| {
        Some(format!(
            "the mail server cannot be used: its {word} will not do"
        ))
    };
    assert_eq!(elsewhere(|_same| ()), None);
    assert_eq!(elsewhere(|options| options.host = "::1".to_owned()), None);
    assert_eq!(
        elsewhere(|options| options.host = "mail.test".to_owned()),
        word("security")
    );
    assert_eq!(
        elsewhere(|options| options.from = "nobody".to_owned()),
        word("from")
    );
    assert_eq!(
        elsewhere(|options| options.unsubscribe.clear()),
        word("unsubscribe")
    );
}
