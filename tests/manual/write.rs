//! `cargo run --example manual -- FOLDER` writes the manual (`vigie.1`, `vigie.toml.5`) and the completions of bash,
//! zsh and fish into that folder, for the package.
//!
//! Nothing of it is kept in the sources: it is made from the commands as clap knows them and from the keys and
//! doc comments of the configuration.
#![expect(clippy::panic, reason = "what surprises it is a mistake in a file of the project")]

mod commands;
mod files;
mod page;
mod readme;

use std::error::Error;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder is it written into?")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("vigie.1"), commands::page())?;
    std::fs::write(folder.join("vigie.toml.5"), files::page())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut vigie::cli::Cli::command(), "vigie", &folder)?;
    }
    Ok(())
}
