//! What can be typed. Everything that differs between a laptop and production
//! is here.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Result, bail};
use axum::http::Uri;
use clap::{Parser, Subcommand, ValueEnum};
use flowhost::Secret;

/// A password reset with flowhost.
#[derive(Debug, Parser)]
pub(crate) struct Args {
    /// Where users and suspended flows are kept.
    #[arg(long, global = true, default_value = "target/password-reset")]
    pub(crate) data: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a user, and print their password and the key of their authenticator.
    AddUser(AddUser),
    /// Serve the pages, and the verifier beside them.
    Serve(Box<Serve>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddUser {
    pub(crate) email: String,
    #[arg(long, default_value = "Ada Lovelace")]
    pub(crate) name: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The flow file.
    #[arg(long)]
    pub(crate) flow: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// How browsers reach the pages; behind a proxy an https URL.
    #[arg(long)]
    pub(crate) public_url: Option<Uri>,
    /// Take a client's address from the last entry of X-Forwarded-For.
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// `smtps://user:password@host`, `smtp://host:587?tls=required`, or
    /// `smtp://127.0.0.1:25`. Without one, mail is shown at /dev/outbox.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub(crate) smtp: Option<String>,
    #[arg(long, default_value = "Example <no-reply@example.com>")]
    pub(crate) mail_from: String,
    /// How long a link in a mail works, in seconds.
    #[arg(long, default_value_t = 30 * 60)]
    pub(crate) link_lifetime: u32,
    /// How often an hour one address may ask for a link.
    #[arg(long, default_value_t = 20)]
    pub(crate) forgot_per_hour: u32,
    #[arg(long, default_value = "127.0.0.1:8001")]
    pub(crate) verifier_listen: SocketAddr,
    /// The key that the verifier and the flow's `TOKEN_KEY` share.
    #[arg(long, env = "VERIFIER_KEY", hide_env_values = true, value_parser = verifier_key)]
    pub(crate) verifier_key: Secret,
    /// How the verifier sends people back.
    #[arg(long, value_enum, default_value_t = Return::Post)]
    pub(crate) verifier_returns: Return,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Return {
    /// With the token in the URL.
    Get,
    /// With the token in a form, so that it is in no history and no log.
    Post,
}

fn verifier_key(text: &str) -> Result<Secret, String> {
    match text.len() {
        0..32 => Err("at least 32 characters: openssl rand -hex 32".to_owned()),
        _ => Ok(text.into()),
    }
}

/// How browsers reach the pages.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl {
    /// Scheme, host and port, as browsers write an origin.
    pub(crate) origin: String,
    /// What the `Host` header must be.
    pub(crate) authority: String,
    /// Host without port: the issuer of session tokens.
    pub(crate) host: String,
    pub(crate) https: bool,
}

impl Serve {
    /// The public URL, by default the address that is listened on. Without TLS
    /// nothing is public: cookies and passwords would be readable on the way.
    pub(crate) fn public_url(&self) -> Result<PublicUrl> {
        let uri = match &self.public_url {
            Some(uri) => uri.clone(),
            None => format!("http://{}", self.listen).parse()?,
        };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            bail!("--public-url: {uri} is not absolute");
        };
        let https = scheme == "https";
        let stays_here = scheme == "http" && is_loopback(authority.host());
        if !(https || stays_here) {
            bail!("--public-url: {uri} must be https; http is for loopback only");
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            bail!("--public-url: {uri} has a path; the pages are at the root");
        }
        let host = authority.host().to_ascii_lowercase();
        let default = if https { 443 } else { 80 };
        let port = authority.port_u16().filter(|port| *port != default);
        let authority = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        Ok(PublicUrl { origin: format!("{scheme}://{authority}"), authority, host, https })
    }

    /// The mail server. Links are as good as passwords: they leave this machine
    /// over TLS only.
    pub(crate) fn smtp_url(&self) -> Result<Option<&str>> {
        let Some(url) = self.smtp.as_deref() else { return Ok(None) };
        let uri: Uri = url.parse().map_err(|_| anyhow::anyhow!("--smtp is no URL"))?;
        let encrypted = uri.scheme_str() == Some("smtps")
            || uri.query().is_some_and(|query| query.split('&').any(|it| it == "tls=required"));
        if !encrypted && !uri.host().is_some_and(is_loopback) {
            bail!("--smtp: use smtps://… or ?tls=required beyond this machine");
        }
        Ok(Some(url))
    }
}

/// Whether a host, as URLs write it, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}
