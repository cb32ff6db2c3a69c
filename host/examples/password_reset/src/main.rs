//! A password reset with flowhost, from the forgotten password to the new one:
//! the whole way that is around a flow. Copy from it.
//!
//! `args.rs` is what can be typed, `app.rs` puts the parts together; each page
//! is a file in `routes/`. The verifier, another company's site in real life,
//! is `verifier.rs` and shares nothing with the rest but a key.

mod app;
mod args;
mod codes;
mod cookie;
mod database;
mod event;
mod guard;
mod hashing;
mod links;
mod mail;
mod outcome;
mod pages;
mod passages;
mod private;
mod rate;
mod routes;
mod users;
mod verifier;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use args::{AddUser, Args, Command};

#[tokio::main]
async fn main() -> ExitCode {
    // Components are compiled by this program too, in processes of their own.
    flowhost::Compiler::serve();
    let args = Args::parse();
    let done = match args.command {
        Command::AddUser(user) => add_user(&args.data, user).await,
        Command::Serve(serve) => app::serve(&args.data, *serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn add_user(data: &std::path::Path, user: AddUser) -> Result<()> {
    private::folder(data)?;
    let database = database::Database::open(&data.join("app.db"))?;
    let hasher = hashing::Hasher::new();
    let added = users::add(&database, &hasher, user.email, user.name).await?;
    println!("user      {}", added.id);
    println!("password  {}", added.password);
    println!("secret    {}", added.totp_secret);
    println!("          {}", added.totp_url);
    Ok(())
}
