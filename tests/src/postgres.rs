//! [`Postgres`]: a PostgreSQL server of this process, made from the programs
//! that are installed: in a temporary folder, on a free port of this machine.
//! It ends with the process, however that ends, and leaves nothing behind.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tokio_postgres::NoTls;

// Here, because the benchmark of the stores takes this file, and no more.
#[path = "ignored.rs"]
mod ignored;

pub use ignored::ignored;

use crate::{nobody, project, wait_for};

/// What tests print that need a server.
const MISSING: &str = "PostgreSQL is missing; `apt-get install postgresql`";

/// The password of its only user.
pub const PASSWORD: &str = "hunter2-is-no-password";

/// Runs the server until its input ends, or says `keep`; afterwards there is
/// no folder any more, or it is kept.
const KEEPER: &str = r#"
    "$1/postgres" -D "$2/data" >>"$2/log" 2>&1 </dev/null &
    server=$!
    read -r word
    kill -CONT "$server" 2>/dev/null
    kill -INT "$server" 2>/dev/null
    wait "$server"
    [ "$word" = keep ] || rm -rf "$2"
"#;

/// A server.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    keeper: Option<(Child, ChildStdin)>,
}

/// The server that the tests of this process share; none when PostgreSQL is
/// not installed, which is printed.
pub fn shared_postgres() -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| installed().map(|it| Postgres::start(it, "fsync = off")));
    if shared.is_none() {
        ignored(MISSING);
    }
    shared.as_ref()
}

/// A server to be stopped and killed; none when PostgreSQL is not installed,
/// which is printed. `settings` are lines of its configuration.
pub fn own_postgres(settings: &str) -> Option<Postgres> {
    let programs = installed();
    if programs.is_none() {
        ignored(MISSING);
    }
    programs.map(|programs| Postgres::start(programs, settings))
}

/// The folder of the programs, the newest first.
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    let whole = |folder: &PathBuf| {
        ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
    };
    std::env::split_paths(&path).chain(versions.into_iter().rev()).find(whole)
}

impl Postgres {
    fn start(programs: PathBuf, settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("flowhost-postgres").tempdir();
        // The keeper takes it away.
        let folder = folder.expect("a folder").keep();
        let port = nobody().port();
        let mut server = Postgres { programs, folder, port, keeper: None };
        server.prepare(settings);
        server.restart();
        server
    }

    fn prepare(&self, settings: &str) {
        let file = |name: &str, bytes: &[u8]| {
            let path = self.folder.join(name);
            fs::write(&path, bytes).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
            give_away(&path);
        };
        give_away(&self.folder);
        file("password", PASSWORD.as_bytes());
        let pem = fs::read(project().join("tests/certificates/server.pem")).expect("a certificate");
        file("server.pem", &pem);
        let made = self
            .command(&self.programs.join("initdb"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-U", "flowhost", "--auth=scram-sha-256", "--no-sync", "-E", "UTF8"])
            .arg("--locale=C")
            .arg(format!("--pwfile={}/password", self.folder.display()))
            .stdout(Stdio::null())
            .output()
            .expect("initdb");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let configuration = self.folder.join("data/postgresql.conf");
        let mut configuration = File::options().append(true).open(configuration).expect("a file");
        let (port, folder) = (self.port, self.folder.display());
        write!(
            configuration,
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n\
             max_connections = 300\nssl = on\nssl_cert_file = '{folder}/server.pem'\n\
             ssl_key_file = '{folder}/server.pem'\n{settings}\n"
        )
        .expect("written");
    }

    /// A command of the user who may run a server: it is never root.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C");
        if let Some((user, group)) = other_user() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it again, after it was killed.
    pub fn restart(&mut self) {
        if let Some((mut child, mut input)) = self.keeper.take() {
            _ = input.write_all(b"keep\n");
            _ = child.wait();
        }
        let mut keeper = self.command(Path::new("/bin/sh"));
        keeper.args(["-c", KEEPER, "sh"]).arg(&self.programs).arg(&self.folder);
        keeper.stdin(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = keeper.spawn().expect("a shell");
        let input = child.stdin.take().expect("its input");
        self.keeper = Some((child, input));
        for _ in 0..600 {
            if wait_for(tokio_postgres::connect(&self.url("postgres"), NoTls)).is_ok() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL does not start: {log}");
    }

    /// Its data, its log and what else it keeps on the disk.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database, in plain text.
    pub fn url(&self, database: &str) -> String {
        format!("{}?sslmode=disable", self.bare_url(database, self.port))
    }

    /// The URL of a database at a port, without options.
    pub fn bare_url(&self, database: &str, port: u16) -> String {
        format!("postgres://flowhost:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// A new, empty database; its name.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Executes a statement in a database.
    pub fn execute(&self, database: &str, sql: &str) {
        self.ask(database, sql);
    }

    /// The first column of the first row of an answer, if there is one.
    pub fn ask(&self, database: &str, sql: &str) -> Option<String> {
        wait_for(async {
            let connected = tokio_postgres::connect(&self.url(database), NoTls).await;
            let (client, connection) = connected.expect("a connection");
            let connection = tokio::spawn(connection);
            let answer = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
            drop(client);
            _ = connection.await;
            answer.into_iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
        })
    }

    /// Stops all its processes where they are (`STOP`), lets them go on
    /// (`CONT`), or kills them (`KILL`).
    pub fn signal(&self, signal: &str) {
        let file = self.folder.join("data/postmaster.pid");
        let text = fs::read_to_string(file).expect("the number of the process");
        let first = text.lines().next().expect("a line").to_owned();
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).args(children(&first)).arg(&first).stderr(Stdio::null());
        // Some may have ended meanwhile.
        _ = kill.status().expect("kill");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.signal("CONT");
        if let Some((mut child, input)) = self.keeper.take() {
            drop(input);
            _ = child.wait();
        }
    }
}

/// The processes that one has started.
fn children(parent: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let child = |number: &String| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        // After the name: the state, then the parent.
        stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)) == Some(parent)
    };
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(child).collect()
}

/// Whom the server runs as, when this is root: `postgres`, or else `nobody`.
fn other_user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").map(|it| it.uid()).ok() != Some(0) {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut columns = line.split(':').skip(2).map(|column| column.parse().ok());
        Some((columns.next()??, columns.next()??))
    };
    user("postgres").or_else(|| user("nobody"))
}

fn give_away(path: &Path) {
    if let Some((user, group)) = other_user() {
        chown(path, Some(user), Some(group)).expect("another owner");
    }
}
