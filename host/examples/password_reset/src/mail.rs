//! Mail, sent in the background: a form is answered before anybody knows
//! whether there is such a user, so that the time says nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use lettre::message::{Mailbox, Message, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::sync::mpsc;

use crate::database::Database;
use crate::rate::Rate;
use crate::{links, users};

/// So many letters wait; beyond, none is written.
const QUEUE: usize = 1000;

/// One mailbox gets so many links an hour, whoever asks for them.
const LINKS_PER_HOUR: u32 = 5;

const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_secs(5);
const SENDING: Duration = Duration::from_secs(20);

/// The last ones are shown.
const OUTBOX: usize = 20;

/// What is to be written.
#[derive(Debug)]
pub(crate) enum Letter {
    /// Somebody says that this is their address, and that they forgot.
    Forgot { email: String },
    /// A password was changed.
    Changed { email: String },
}

/// A mail that was not sent but is shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

/// Where letters are posted.
#[derive(Clone)]
pub(crate) struct Post {
    queue: mpsc::Sender<Letter>,
    /// None: mail goes to a real server.
    outbox: Option<Arc<Mutex<VecDeque<Shown>>>>,
}

/// What is needed to write them.
pub(crate) struct Writer {
    pub(crate) database: Database,
    pub(crate) origin: String,
    pub(crate) from: Mailbox,
    pub(crate) link_lifetime: u32,
    pub(crate) server: Option<AsyncSmtpTransport<Tokio1Executor>>,
}

impl Post {
    /// Starts writing.
    pub(crate) fn open(writer: Writer) -> Self {
        let (queue, letters) = mpsc::channel(QUEUE);
        let outbox = writer.server.is_none().then(Arc::default);
        tokio::spawn(work(writer, letters, outbox.clone()));
        Post { queue, outbox }
    }

    /// Posts a letter; dropped when too many wait.
    pub(crate) fn post(&self, letter: Letter) {
        if self.queue.try_send(letter).is_err() {
            eprintln!("error: too many letters wait; one was not written");
        }
    }

    /// What would have been sent, the newest first. None with a real server.
    pub(crate) fn shown(&self) -> Option<Vec<Shown>> {
        let outbox = self.outbox.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(outbox.iter().cloned().collect())
    }
}

/// Connects to nothing yet.
pub(crate) fn server(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?;
    Ok(server.timeout(Some(SENDING)).build())
}

async fn work(
    writer: Writer,
    mut letters: mpsc::Receiver<Letter>,
    outbox: Option<Arc<Mutex<VecDeque<Shown>>>>,
) {
    let rate = Rate::per_hour(LINKS_PER_HOUR);
    while let Some(letter) = letters.recv().await {
        let mail = match write(&writer, &rate, letter).await {
            Ok(Some(mail)) => mail,
            Ok(None) => continue,
            Err(error) => {
                eprintln!("error: a letter: {error:#}");
                continue;
            }
        };
        if let Some(server) = &writer.server {
            match message(&writer, &mail) {
                // A slow server keeps nobody else waiting.
                Ok(message) => _ = tokio::spawn(send(server.clone(), message)),
                Err(error) => eprintln!("error: a letter: {error:#}"),
            }
        } else if let Some(outbox) = &outbox {
            let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
            outbox.push_front(mail);
            outbox.truncate(OUTBOX);
        }
    }
}

/// Writes a letter; none to somebody who is no user.
async fn write(writer: &Writer, rate: &Rate, letter: Letter) -> Result<Option<Shown>> {
    let email = match letter {
        Letter::Changed { email } => return Ok(Some(changed(email))),
        Letter::Forgot { email } => email,
    };
    let Some(user) = users::by_email(&writer.database, email).await? else { return Ok(None) };
    if !rate.allows(&user.id) {
        return Ok(None);
    }
    let token = links::make(&writer.database, user.id, writer.link_lifetime).await?;
    let link = format!("{}/reset?token={}", writer.origin, token.expose());
    let text = format!(
        "Somebody, hopefully you, wants to set a new password.\n\n\
         Open this link to go on. It works once, for {} minutes:\n\n{link}\n\n\
         If it was not you there is nothing to do: your password stays as it is.\n",
        writer.link_lifetime.div_ceil(60)
    );
    let subject = "Set a new password".to_owned();
    // To the address on file, not to what was typed.
    Ok(Some(Shown { to: user.email, subject, text, link: Some(link) }))
}

fn changed(email: String) -> Shown {
    let text = "Your password was changed just now.\n\n\
                If it was not you, please contact support at once.\n";
    let subject = "Your password was changed".to_owned();
    Shown { to: email, subject, text: text.to_owned(), link: None }
}

fn message(writer: &Writer, mail: &Shown) -> Result<Message> {
    Ok(Message::builder()
        .from(writer.from.clone())
        .to(Mailbox::new(None, mail.to.parse()?))
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())?)
}

async fn send(server: AsyncSmtpTransport<Tokio1Executor>, message: Message) {
    for attempt in 1..=TRIES {
        match server.send(message.clone()).await {
            Ok(_) => return,
            Err(error) => eprintln!("error: a letter, try {attempt}: {error}"),
        }
        tokio::time::sleep(BETWEEN_TRIES * attempt).await;
    }
}
