//! A real OpenSSH server on this machine: its own configuration, keys and folder, for the user who runs the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use epay_sftp::{HostKey, Server, ServerOptions};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Where Debian puts it; it wants to be called by its whole path.
const PROGRAM: &str = "/usr/sbin/sshd";
/// Into which processes that run as root lock themselves; systemd makes it where it runs.
const LOCKED_IN: &str = "/run/sshd";

pub(super) struct Sshd {
    home: TempDir,
    folder: PathBuf,
    port: u16,
    user: String,
    child: Option<Child>,
    logins: Arc<AtomicUsize>,
}

impl Sshd {
    pub(super) fn open() -> Self {
        assert!(
            Path::new(PROGRAM).is_file(),
            "{PROGRAM} is missing: apt-get install openssh-server"
        );
        let home = tempfile::tempdir().unwrap();
        for name in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            assert!(
                keygen
                    .arg(home.path().join(name))
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let files = home.path().join("folder");
        std::fs::create_dir(&files).unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        let folder = home.path().display();
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n\
             PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n"
        );
        std::fs::write(home.path().join("config"), config).unwrap();
        let id = Command::new("id").args(["-un"]).output().unwrap();
        let user = String::from_utf8(id.stdout).unwrap().trim().to_owned();
        if user == "root" {
            std::fs::create_dir_all(LOCKED_IN).unwrap();
        }
        drop(free);
        let mut sshd = Self {
            home,
            folder: files,
            port,
            user,
            child: None,
            logins: Arc::default(),
        };
        sshd.start();
        sshd
    }

    /// Starts it, and comes back when it listens.
    pub(super) fn start(&mut self) {
        let mut child = Command::new(PROGRAM)
            .args(["-D", "-e", "-f"])
            .arg(self.home.path().join("config"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut heard = String::new();
        while !heard.contains("Server listening") {
            let read = log.read_line(&mut heard).unwrap();
            assert!(read > 0, "sshd did not start: {heard}");
        }
        let logins = Arc::clone(&self.logins);
        std::thread::spawn(move || listen(log, &logins));
        self.child = Some(child);
    }

    /// Kills it and waits for its end.
    pub(super) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Where files are put.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How often somebody was let in.
    pub(super) fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }

    pub(super) fn host_key(&self) -> HostKey {
        let line = std::fs::read_to_string(self.home.path().join("host.pub")).unwrap();
        line.parse().unwrap()
    }

    pub(super) fn server(&self) -> Server {
        self.server_at(self.port)
    }

    pub(super) fn server_known_by(&self, host_key: HostKey) -> Server {
        self.server_with(self.port, host_key)
    }

    /// The server behind another port of this machine.
    pub(super) fn server_at(&self, port: u16) -> Server {
        self.server_with(port, self.host_key())
    }

    fn server_with(&self, port: u16, host_key: HostKey) -> Server {
        let key = std::fs::read_to_string(self.home.path().join("user")).unwrap();
        Server::new(ServerOptions {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
            user: self.user.clone(),
            private_key: key.into(),
            host_key,
        })
        .unwrap()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(log: BufReader<ChildStderr>, logins: &AtomicUsize) {
    for line in log.lines().map_while(Result::ok) {
        if line.contains("Accepted publickey") {
            logins.fetch_add(1, Ordering::SeqCst);
        }
        // Shown beside a test that fails.
        let _closed = writeln!(std::io::stderr(), "sshd: {line}");
    }
}

/// Processes below one, all the way down.
fn below(id: u32) -> Vec<u32> {
    let path = format!("/proc/{id}/task/{id}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    let children = children.split_whitespace().map(|id| id.parse().unwrap());
    children
        .flat_map(|child| [vec![child], below(child)].concat())
        .collect()
}

/// Stands before a server and lets everything through, until a file is there: then it kills the server's processes that
/// speak with us and cuts the connection. Once.
pub(super) struct Gate {
    port: u16,
    cut: Arc<AtomicBool>,
}

impl Gate {
    pub(super) async fn open(sshd: &Sshd, sign: PathBuf) -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let (behind, server) = (sshd.port, sshd.child.as_ref().unwrap().id());
        let cut = Arc::new(AtomicBool::new(false));
        let pass = Pass {
            server,
            sign,
            cut: Arc::clone(&cut),
        };
        let pass = Arc::new(Mutex::new(pass));
        tokio::spawn(async move {
            while let Ok((client, _address)) = listener.accept().await {
                let inside = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, behind));
                tokio::spawn(through(client, inside.await.unwrap(), Arc::clone(&pass)));
            }
        });
        Self { port, cut }
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn has_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

struct Pass {
    server: u32,
    sign: PathBuf,
    cut: Arc<AtomicBool>,
}

impl Pass {
    /// Whether what comes next may pass.
    fn allows(&self) -> bool {
        if !self.sign.exists() || self.cut.swap(true, Ordering::SeqCst) {
            return true;
        }
        for id in below(self.server) {
            let killed = Command::new("kill").args(["-9", &id.to_string()]).status();
            assert!(killed.unwrap().success());
        }
        false
    }
}

async fn through(
    client: tokio::net::TcpStream,
    server: tokio::net::TcpStream,
    pass: Arc<Mutex<Pass>>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut bytes = vec![0; 16_384];
    while let Ok(count) = from_client.read(&mut bytes).await {
        if count == 0 || !pass.lock().unwrap().allows() {
            break;
        }
        if to_server.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    drop((from_client, to_server));
    back.abort();
}
