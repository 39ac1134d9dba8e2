//! The command line in, the exit code out.

fn main() -> std::process::ExitCode {
    vigie::cli::main(std::env::args_os(), vigie::daemon::life)
}
