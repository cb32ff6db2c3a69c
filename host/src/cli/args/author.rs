//! Arguments of the verbs that authors of actions use.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, ValueEnum};

use super::Json;
use crate::cli::new::languages;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Build {
    /// The source: a file, or a folder such as that of a Cargo.toml
    pub(in crate::cli) path: PathBuf,

    /// Copy the component here
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct New {
    /// The folder to make; its name is the action's
    #[arg(value_name = "NAME")]
    pub(in crate::cli) folder: PathBuf,

    /// The language
    #[arg(long, value_parser = PossibleValuesParser::new(languages()))]
    pub(in crate::cli) lang: String,

    /// What the action does to begin with
    #[arg(long, default_value = "mfa")]
    pub(in crate::cli) template: Template,

    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Template {
    /// Asks for a second factor
    Mfa,
    /// Sends the user to another site, and goes on when that says so
    Redirect,
    /// Refuses resets from elsewhere than it is told
    Deny,
    /// Shows a form, and goes on when the user agrees
    Form,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Check {
    /// A flow file or a component
    #[arg(value_name = "FLOW.toml|COMPONENT")]
    pub(in crate::cli) path: PathBuf,

    /// Check this event too
    #[arg(short, long, value_name = "EVENT.json")]
    pub(in crate::cli) event: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Inspect {
    /// The component
    pub(in crate::cli) component: PathBuf,

    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Conformance {
    /// The components: each does what its configuration says
    #[arg(value_name = "COMPONENT", required = true)]
    pub(in crate::cli) components: Vec<PathBuf>,

    /// What the action sees
    #[arg(long, default_value = "wit")]
    pub(in crate::cli) view: View,

    #[command(flatten)]
    pub(in crate::cli) json: Json,
}

/// How the contract looks to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum View {
    /// As WIT
    Wit,
    /// As Auth0's `event` and `api`
    Javascript,
}
