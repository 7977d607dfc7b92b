//! A private cluster lives, crashes and comes back, on real server programs.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::path::Path;

use epay_pg::{Cluster, ClusterConfig, ClusterError, build_pool, connect, parse_config};

/// A folder that goes with its guard and that the server's user can enter also when the tests run as root.
fn folder() -> tempfile::TempDir {
    folder_of_mode(0o755)
}

fn folder_of_mode(mode: u32) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder.path(), permissions).expect("sets the mode");
    folder
}

async fn start(data_dir: &Path) -> Cluster {
    Cluster::start(ClusterConfig::new(data_dir).relaxed())
        .await
        .expect("the cluster starts")
}

async fn count(cluster: &Cluster) -> i64 {
    let session = connect(&cluster.config("kept")).await.expect("connects");
    let row = session
        .client()
        .query_one("SELECT count(*) FROM note", &[])
        .await
        .expect("counts");
    session.close().await;
    row.get(0)
}

async fn write_one(cluster: &Cluster) {
    let session = connect(&cluster.config("kept")).await.expect("connects");
    session
        .client()
        .batch_execute("CREATE TABLE IF NOT EXISTS note (id int); INSERT INTO note VALUES (1)")
        .await
        .expect("writes");
    session.close().await;
}

#[tokio::test]
async fn data_survives_stop_kill_restart_and_a_new_start() {
    let folder = folder();
    let mut cluster = start(&folder.path().join("data")).await;
    assert!(cluster.ensure_database("kept").await.expect("makes"));
    assert!(!cluster.ensure_database("kept").await.expect("finds"));
    write_one(&cluster).await;

    cluster.kill().await.expect("kills");
    assert!(!cluster.is_running());
    assert!(connect(&cluster.config("kept")).await.is_err());
    cluster.restart().await.expect("starts after a crash");
    assert_eq!(count(&cluster).await, 1);

    write_one(&cluster).await;
    cluster.restart().await.expect("restarts");
    assert_eq!(count(&cluster).await, 2);
    cluster.stop().await.expect("stops");
    drop(cluster);

    let mut again = start(&folder.path().join("data")).await;
    assert_eq!(count(&again).await, 2);
    again.stop().await.expect("stops");
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_is_refused_and_harmless() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut cluster = start(&data).await;
    let refused = Cluster::start(ClusterConfig::new(&data)).await;
    assert!(matches!(refused, Err(ClusterError::InUse { .. })));
    connect(&cluster.config("postgres"))
        .await
        .expect("still runs")
        .close()
        .await;
    cluster.stop().await.expect("stops");
}

#[tokio::test]
async fn a_folder_of_something_else_or_of_another_version_is_left_alone() {
    let folder = folder();
    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).expect("makes");
    std::fs::write(foreign.join("letter"), "dear").expect("writes");
    let refused = Cluster::start(ClusterConfig::new(&foreign)).await;
    assert!(matches!(refused, Err(ClusterError::Foreign { .. })));

    let old = folder.path().join("old");
    std::fs::create_dir(&old).expect("makes");
    std::fs::write(old.join("PG_VERSION"), "9\n").expect("writes");
    let refused = Cluster::start(ClusterConfig::new(&old)).await;
    assert!(matches!(
        refused,
        Err(ClusterError::OtherVersion { data: 9, .. })
    ));
    assert_eq!(
        std::fs::read_to_string(foreign.join("letter")).expect("reads"),
        "dear"
    );
}

#[tokio::test]
async fn a_process_number_of_somebody_else_does_not_stop_a_start() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut cluster = start(&data).await;
    cluster.kill().await.expect("kills");
    // The number now belongs to this test.
    let file = data.join("postmaster.pid");
    let text = std::fs::read_to_string(&file).expect("the killed server left its file");
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    std::fs::write(&file, format!("{}\n{rest}", std::process::id())).expect("writes");
    drop(cluster);
    start(&data).await.stop().await.expect("stops");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_still_works() {
    let folder = folder();
    let data = folder.path().join("n".repeat(100)).join("data");
    let mut cluster = start(&data).await;
    assert_ne!(cluster.socket_dir(), cluster.data_dir());
    let config = parse_config(&cluster.url("postgres")).expect("reads");
    connect(&config).await.expect("connects").close().await;
    cluster.stop().await.expect("stops");
    std::fs::remove_dir(cluster.socket_dir()).expect("the socket folder is empty again");
}

#[tokio::test]
async fn root_may_ask_for_a_folder_that_the_server_cannot_enter() {
    let shut = folder_of_mode(0o700);
    let data = shut.path().join("data");
    let mut cluster = start(&data).await;
    let used = cluster.data_dir().to_owned();
    cluster.ensure_database("kept").await.expect("makes");
    write_one(&cluster).await;
    cluster.stop().await.expect("stops");
    drop(cluster);
    let mut again = start(&data).await;
    assert_eq!(again.data_dir(), used, "found again at the same place");
    assert_eq!(count(&again).await, 1);
    again.stop().await.expect("stops");
    drop(again);
    if used != data {
        std::fs::remove_dir_all(&used).expect("removes");
        for beside in ["lock", "password"] {
            std::fs::remove_file(used.with_extension(beside)).expect("removes");
        }
    }
}

#[tokio::test]
async fn tcp_is_off_unless_asked_for_and_then_wants_the_password() {
    let folder = folder();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let mut cluster = Cluster::start(ClusterConfig {
        port: Some(port),
        ..ClusterConfig::new(folder.path().join("data")).relaxed()
    })
    .await
    .expect("starts");
    let url = cluster.tcp_url("postgres").expect("reads").expect("a url");
    let config = parse_config(&url).expect("reads");
    connect(&config).await.expect("connects").close().await;
    let mut without = config.clone();
    without.password("wrong");
    assert!(connect(&without).await.is_err());
    cluster.stop().await.expect("stops");
}

#[tokio::test]
async fn a_pool_finds_the_writable_host_and_recovers_after_a_restart() {
    let folder = folder();
    let mut cluster = start(&folder.path().join("data")).await;
    // The first host does not exist: the driver goes on to the second.
    let both = format!(
        "host={}/nobody,{} port=5432,5432 user=postgres dbname=postgres target_session_attrs=read-write",
        folder.path().display(),
        cluster.socket_dir().display()
    );
    let pool =
        build_pool(&parse_config(&both).expect("reads"), &Default::default()).expect("a pool");
    let one = async || -> Result<i32, epay_pg::PgError> {
        let client = pool.get().await?;
        let statement = client.prepare_cached("SELECT 1").await?;
        Ok(client.query_one(&statement, &[]).await?.get(0))
    };
    assert_eq!(one().await.expect("answers"), 1);
    cluster.kill().await.expect("kills");
    let error = one().await.expect_err("nobody is there");
    assert_eq!(*error.kind(), epay_pg::PgErrorKind::Unavailable);
    cluster.restart().await.expect("restarts");
    assert_eq!(one().await.expect("answers again"), 1);
    cluster.stop().await.expect("stops");
}

#[tokio::test]
async fn a_server_left_by_a_killed_process_is_taken_over() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut cluster = start(&data).await;
    cluster.ensure_database("kept").await.expect("makes");
    write_one(&cluster).await;
    let program = cluster.program("postgres");
    cluster.stop().await.expect("stops");
    drop(cluster);

    // Started past the lock, as if its starter had died: nobody holds the folder, the server runs.
    let mut orphan = by_hand(&program, &data);
    wait_until(|| data.join(".s.PGSQL.5432").exists());
    let mut again = start(&data).await;
    assert_eq!(count(&again).await, 1);
    orphan.wait().expect("the orphan was stopped");
    again.stop().await.expect("stops");
}

/// No test by itself: the process that the next one kills. It runs when told where.
#[tokio::test]
async fn starts_a_cluster_and_waits_to_be_killed() {
    if let Some(data) = std::env::var_os(HOLD) {
        let _cluster = start(Path::new(&data)).await;
        println!("{UP}");
        std::future::pending().await
    }
}

const HOLD: &str = "EPAY_PG_TEST_HOLD";
const UP: &str = "the cluster is up";

#[tokio::test]
async fn a_server_dies_with_the_process_that_started_it() {
    use std::io::BufRead;
    use std::process::{Command, Stdio};
    let knows_the_signal = Command::new("setpriv")
        .args(["--pdeathsig", "keep", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !knows_the_signal {
        println!("skipped: this system has no parent-death signal");
        return;
    }
    let folder = folder();
    let data = folder.path().join("data");
    let mut starter = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "starts_a_cluster_and_waits_to_be_killed",
            "--nocapture",
        ])
        .env(HOLD, &data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    let said = std::io::BufReader::new(starter.stdout.take().expect("a pipe"));
    assert!(
        said.lines()
            .map_while(Result::ok)
            .any(|line| line.contains(UP)),
        "the cluster did not start"
    );
    assert!(data.join("postmaster.pid").exists());
    starter.kill().expect("kills");
    starter.wait().expect("waits");
    // A fast shutdown removes this file last.
    wait_until(|| !data.join("postmaster.pid").exists());
    start(&data).await.stop().await.expect("starts and stops");
}

fn by_hand(program: &Path, data: &Path) -> std::process::Child {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    let owner = std::fs::metadata(data).expect("the data folder");
    let own = std::fs::metadata("/proc/self").expect("this process").uid();
    let mut command = std::process::Command::new(program);
    if own != owner.uid() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command
        .arg("-D")
        .arg(data)
        .arg("-k")
        .arg(data)
        .args(["-c", "listen_addresses="])
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the server starts by hand")
}

fn wait_until(done: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !done() {
        assert!(started.elapsed().as_secs() < 30, "it did not happen");
        std::thread::yield_now();
    }
}
