//! What is asked of the record and of its file.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `vigie journal`
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Record {
    /// The latest entries
    Tail(Tail),
    /// All entries as JSON lines
    Export,
    /// Proves the chain
    Verify,
}

/// `vigie backup`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Backup {
    /// The file to make; nothing is written over
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `vigie journal tail`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Tail {
    /// How many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub lines: u32,
    /// JSON lines
    #[arg(long)]
    pub json: bool,
}

/// `vigie report`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Report {
    /// From when on: 2026-11-01, "2026-11-01 08:00"; four weeks before the end if left out
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Until when; a day alone is that whole day; now if left out
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// A page of HTML with plots, which needs nothing beside it; it replaces FILE and is its writer's alone (0600); - writes to the output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub html: Option<PathBuf>,
}
