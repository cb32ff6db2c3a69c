//! Arguments of the verbs that authors of actions use.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::Json;

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
