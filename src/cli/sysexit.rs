//! How a command ends: the exit statuses of sysexits.h, so that scripts and systemd can tell a
//! wrong file from a daemon that is not there.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sysexit {
    /// What was asked for is done.
    Ok,
    /// The command line is wrong (EX_USAGE).
    Usage,
    /// What was given as input is wrong (EX_DATAERR).
    BadInput,
    /// What was given as input does not exist or cannot be read (EX_NOINPUT).
    NoInput,
    /// The daemon, or another service, is not there (EX_UNAVAILABLE).
    Unavailable,
    /// A fault of Vigie's own (EX_SOFTWARE).
    Software,
    /// The output could not be written (EX_IOERR).
    Output,
    /// It may succeed later (EX_TEMPFAIL).
    TryLater,
    /// This account may not do it (EX_NOPERM).
    NoPermission,
    /// The configuration is refused (EX_CONFIG).
    Configuration,
}

impl Sysexit {
    /// The number that the shell sees.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Usage => 64,
            Self::BadInput => 65,
            Self::NoInput => 66,
            Self::Unavailable => 69,
            Self::Software => 70,
            Self::Output => 74,
            Self::TryLater => 75,
            Self::NoPermission => 77,
            Self::Configuration => 78,
        }
    }
}

impl From<Sysexit> for ExitCode {
    fn from(exit: Sysexit) -> Self {
        Self::from(exit.number())
    }
}
