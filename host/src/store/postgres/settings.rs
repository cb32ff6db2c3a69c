//! [`Settings`]: what the URL of a store says. Errors name options, never
//! values: part of a password may have ended up anywhere.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::error::{Code, Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(3);
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);
const POOL_SIZE: usize = 16;
const LARGEST_POOL: usize = 1_000;

/// Options that are passed on as they are.
const PASSED_ON: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Whose certificate is accepted, once there is TLS.
pub(super) enum Trust {
    /// Anybody's.
    Anybody,
    /// One that an authority of the file, or of the machine, has signed; for
    /// the name of the server, or for whatever name.
    Signed { authorities: Option<PathBuf>, name: bool },
}

pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) trust: Trust,
    pub(super) statement_timeout: Duration,
    pub(super) lock_timeout: Duration,
    pub(super) pool_size: usize,
}

/// What is not the server's business, as it was written.
#[derive(Default)]
struct Own {
    sslmode: Option<String>,
    sslrootcert: Option<PathBuf>,
    statement_timeout: Option<Duration>,
    lock_timeout: Option<Duration>,
    pool_size: Option<usize>,
}

impl Settings {
    pub(super) fn parse(url: &str) -> Result<Self> {
        let scheme = ["postgres://", "postgresql://"].into_iter().find(|it| url.starts_with(it));
        let scheme = scheme.ok_or_else(|| wrong("it does not begin with `postgres://`"))?;
        let rest = &url[scheme.len()..];
        let (user, rest) = rest.split_at(rest.find('@').map_or(0, |at| at + 1));
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        if place.contains('@') {
            return Err(wrong("it has two `@`; in a password it is written `%40`"));
        }
        // Else it is no password that would be shown, but part of a query.
        if user.contains(['/', '?']) {
            return Err(wrong("it has an `@` behind the host; there it is written `%40`"));
        }
        let (own, others) = sort(query)?;
        let mut config: Config = format!("{scheme}{user}{place}?{others}")
            .parse()
            .map_err(|error| wrong(&cause(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        if config.get_user().is_none() {
            return Err(wrong("it names no user"));
        }
        fill(&mut config, query);
        let trust = own.trust(&mut config)?;
        Ok(Settings {
            config,
            trust,
            statement_timeout: own.statement_timeout.unwrap_or(STATEMENT_TIMEOUT),
            lock_timeout: own.lock_timeout.unwrap_or(LOCK_TIMEOUT),
            pool_size: own.pool_size.unwrap_or(POOL_SIZE),
        })
    }

    /// How long one connection may take to be made.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT)
    }

    /// What each connection is told first. A commit that is answered before it
    /// is on the disk would be no promise: that much of the server's
    /// configuration is overruled.
    pub(super) fn session(&self) -> String {
        format!(
            "SET statement_timeout = {};
             SET lock_timeout = {};
             SET idle_in_transaction_session_timeout = {};
             SET default_transaction_isolation = 'read committed';
             SELECT set_config('synchronous_commit', 'on', false)
                 WHERE current_setting('synchronous_commit') = 'off'",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis(),
            2 * self.statement_timeout.as_millis(),
        )
    }
}

/// Bounds what the URL leaves open.
fn fill(config: &mut Config, query: &str) {
    let says = |option: &str| query.split('&').any(|pair| pair.split('=').next() == Some(option));
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if !says("keepalives_idle") {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    if config.get_application_name().is_none() {
        config.application_name("flowhost");
    }
}

/// Our own options, and the others as they were.
fn sort(query: &str) -> Result<(Own, String)> {
    let mut own = Own::default();
    let mut others = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (option, value) = pair.split_once('=').unwrap_or((pair, ""));
        match option {
            "sslmode" => own.sslmode = Some(value.to_owned()),
            "sslrootcert" => own.sslrootcert = Some(decoded(value)),
            "statement_timeout" => own.statement_timeout = Some(millis(option, value)?),
            "lock_timeout" => own.lock_timeout = Some(millis(option, value)?),
            "pool_size" => own.pool_size = Some(pool_size(value)?),
            _ if PASSED_ON.contains(&option) => others.push(pair),
            _ if query.contains('@') => return Err(wrong("an option is not known")),
            _ => return Err(wrong(&format!("the option `{option}` is not known"))),
        }
    }
    Ok((own, others.join("&")))
}

impl Own {
    fn trust(&self, config: &mut Config) -> Result<Trust> {
        let mode = self.sslmode.as_deref().unwrap_or("prefer");
        config.ssl_mode(match mode {
            // Sockets of this machine have no TLS.
            _ if config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)))
                && config.get_hostaddrs().is_empty() =>
            {
                SslMode::Disable
            }
            "disable" => SslMode::Disable,
            "prefer" => SslMode::Prefer,
            "require" | "verify-ca" | "verify-full" => SslMode::Require,
            "allow" => return Err(wrong("`sslmode=allow` is not supported; use `prefer`")),
            _ => {
                return Err(wrong(
                    "`sslmode` is disable, prefer, require, verify-ca or verify-full",
                ));
            }
        });
        let signed = |name| Trust::Signed { authorities: self.sslrootcert.clone(), name };
        Ok(match mode {
            "verify-full" => signed(true),
            "verify-ca" => signed(false),
            "require" if self.sslrootcert.is_some() => signed(false),
            _ => Trust::Anybody,
        })
    }
}

fn millis(option: &str, value: &str) -> Result<Duration> {
    match value.parse::<u32>() {
        // Up to an hour; none would be no bound.
        Ok(millis @ 1..=3_600_000) => Ok(Duration::from_millis(millis.into())),
        _ => Err(wrong(&format!("`{option}` is a number of milliseconds, from 1 to 3600000"))),
    }
}

fn pool_size(value: &str) -> Result<usize> {
    match value.parse() {
        Ok(size @ 1..=LARGEST_POOL) => Ok(size),
        _ => Err(wrong(&format!("`pool_size` is a number from 1 to {LARGEST_POOL}"))),
    }
}

fn decoded(value: &str) -> PathBuf {
    // A plus is a plus here.
    let pair = format!("={}", value.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map_or_else(PathBuf::new, |(_, value)| PathBuf::from(value.into_owned()))
}

/// Which option it is about; never more.
fn cause(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match cause.strip_prefix("invalid value for option ") {
        Some(option) => format!("the value of {option} is not understood"),
        None => "it is not understood".to_owned(),
    }
}

fn wrong(why: &str) -> Error {
    Error::new(Code::Usage, format!("the URL of the store: {why}"))
        .with_hint("--store postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        let error = Settings::parse(url).map(drop).expect_err(url);
        assert_eq!(error.code(), Code::Usage, "{url}");
        let said = format!("{error:?}");
        assert!(!said.contains("hunter2"), "{said}");
        error.message().to_owned()
    }

    #[test]
    fn what_is_no_url_of_a_store_is_refused_without_showing_it() {
        for url in [
            "postgres://u:hunter2@",
            "postgres:/u:hunter2@host/d",
            "postgres://:hunter2@host:port/d",
            "postgres://u:hunter2@host:99999/d",
            "postgres://u:a@hunter2@host/d",
            "postgres://host/d?hunter2@host",
            "postgres://u:hunter2@host/d?sslmode=hunter2",
            "postgres://u:hunter2@host/d?sslmode=allow",
            "postgres://u:hunter2@host/d?pool_size=0",
            "postgres://u:hunter2@host/d?statement_timeout=0",
            "postgres://u:hunter2@host/d?statement_timeout=hunter2",
            "postgres://u:hunter2@host/d?connect_timeout=hunter2",
            "postgres://u:hunter2@host/d?sslcert=c.pem",
            "postgres://u:hunter2%ff@host%ff/d",
        ] {
            refused(url);
        }
        assert!(refused("postgres://u@h/d?sslmode=allow").contains("sslmode=allow"));
        assert!(refused("postgres://u@h/d?sslcert=c").contains("`sslcert` is not known"));
        assert!(refused("postgres://u@h/d?port=x").contains("`port`"));
    }

    #[test]
    fn the_modes_of_tls_mean_what_libpq_says() {
        let parsed = |query: &str| {
            let settings = Settings::parse(&format!("postgres://u@h/d?{query}")).expect(query);
            let trust = match settings.trust {
                Trust::Anybody => "anybody".to_owned(),
                Trust::Signed { authorities, name } => format!("{authorities:?} {name}"),
            };
            (settings.config.get_ssl_mode(), trust)
        };
        let anybody = "anybody".to_owned();
        assert_eq!(parsed(""), (SslMode::Prefer, anybody.clone()));
        assert_eq!(parsed("sslmode=disable"), (SslMode::Disable, anybody.clone()));
        assert_eq!(parsed("sslmode=require"), (SslMode::Require, anybody));
        assert_eq!(parsed("sslmode=verify-ca"), (SslMode::Require, "None false".to_owned()));
        assert_eq!(parsed("sslmode=verify-full"), (SslMode::Require, "None true".to_owned()));
        let signed = (SslMode::Require, "Some(\"/a+b c\") false".to_owned());
        assert_eq!(parsed("sslmode=require&sslrootcert=/a+b%20c"), signed);
    }

    #[test]
    fn what_the_url_leaves_open_is_bounded() {
        let settings = Settings::parse("postgres://u:p%40ss@h:1,h2:2/d").expect("settings");
        assert_eq!(settings.config.get_password(), Some(b"p@ss".as_slice()));
        assert_eq!(settings.config.get_ports(), [1, 2]);
        assert_eq!(settings.connect_timeout(), CONNECT_TIMEOUT);
        assert!(settings.session().contains("statement_timeout = 3000"));
        let url = "postgres://u@%2Ftmp/d?statement_timeout=7&lock_timeout=5&pool_size=3";
        let settings = Settings::parse(url).expect("settings");
        assert_eq!(settings.config.get_ssl_mode(), SslMode::Disable, "a socket of the machine");
        assert_eq!(settings.pool_size, 3);
        assert!(settings.session().contains("lock_timeout = 5"));
    }
}
