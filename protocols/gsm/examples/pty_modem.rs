//! The simulated modem on a pseudo-terminal, for gammu, smsd and whoever else wants a modem.
//!
//! It prints the path of the terminal and obeys, on its standard input, the words that scripts have as well (see
//! `simulator/control.rs`), such as `deliver +33612345678 ACK 4711`, `refuse 38`, `mute 20s` or `say +CMTI: "SM",3`.
//! Besides, `sent` lists and forgets the texts that were sent, and `state` tells how many slots are in use, how many
//! messages are held back and how many parts were submitted.
//!
//! `pty_modem 0.2` takes 0.2 s for each message, `pty_modem fixtures/gsm/ec25.txt` is the modem of that script, without
//! its night; `trace` behind either shows all bytes.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{read, ttyname, write};
use vigie_gsm::simulator::{Control, Modem, Profile, Script};

/// How often standard input, which may come in whole lines at once, is looked at without being polled.
const IDLE: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let profile = profile(&arguments.next().unwrap_or_else(|| "2.5".to_owned()))?;
    let trace = arguments.next().is_some();
    let terminal = openpty(None, None)?;
    let mut mode = tcgetattr(&terminal.slave)?;
    cfmakeraw(&mut mode);
    tcsetattr(&terminal.slave, SetArg::TCSANOW, &mode)?;
    writeln!(io::stdout(), "{}", ttyname(&terminal.slave)?.display())?;
    Desk { modem: Modem::new(profile, now()?), terminal: terminal.master, trace }.serve()
}

/// So many seconds for each message, or the modem of a script.
fn profile(argument: &str) -> io::Result<Profile> {
    if let Ok(seconds) = argument.parse() {
        let per_message = Duration::try_from_secs_f64(seconds).map_err(io::Error::other)?;
        return Ok(Profile { per_message, ..Profile::default() });
    }
    let text = std::fs::read_to_string(argument)?;
    let script = Script::read(&text).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{argument}: {error}"))
    })?;
    Ok(script.profile)
}

/// Since the machine started.
fn now() -> io::Result<Duration> {
    let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC)?;
    Ok(Duration::from(time))
}

struct Desk {
    modem: Modem,
    terminal: OwnedFd,
    trace: bool,
}

impl Desk {
    fn serve(mut self) -> io::Result<()> {
        let mut input = BufReader::new(io::stdin());
        loop {
            let wait = self
                .modem
                .deadline()
                .map_or(IDLE, |at| at.saturating_sub(now().unwrap_or_default()));
            let (typed, told) =
                wait_for(self.terminal.as_fd(), io::stdin().as_fd(), wait.min(IDLE))?;
            self.modem.elapse(now()?);
            if typed {
                self.hear()?;
            }
            if told {
                let mut line = String::new();
                if input.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                self.obey(line.trim())?;
                while input.buffer().contains(&b'\n') {
                    line.clear();
                    input.read_line(&mut line)?;
                    self.obey(line.trim())?;
                }
            }
            self.speak()?;
        }
    }

    fn hear(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        let count = match read(&self.terminal, &mut bytes) {
            Ok(count) => count,
            Err(Errno::EIO | Errno::EAGAIN) => 0,
            Err(error) => return Err(error.into()),
        };
        let bytes = bytes.get(..count).unwrap_or_default();
        self.note("<", bytes)?;
        self.modem.receive(bytes, now()?);
        Ok(())
    }

    fn speak(&mut self) -> io::Result<()> {
        while let Some(bytes) = self.modem.transmit() {
            self.note(">", &bytes)?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let count = write(&self.terminal, rest)?;
                rest = rest.get(count..).unwrap_or_default();
            }
        }
        Ok(())
    }

    fn note(&self, sign: &str, bytes: &[u8]) -> io::Result<()> {
        if self.trace && !bytes.is_empty() {
            writeln!(
                io::stderr(),
                "{:.3} {sign} {:?}",
                now()?.as_secs_f64(),
                String::from_utf8_lossy(bytes)
            )?;
        }
        Ok(())
    }

    fn obey(&mut self, line: &str) -> io::Result<()> {
        let mut out = io::stdout();
        match line {
            "" => Ok(()),
            "sent" => {
                for sent in self.modem.take_sent() {
                    writeln!(
                        out,
                        "{:.3} {} ({}) {}",
                        sent.at.as_secs_f64(),
                        sent.to,
                        sent.parts,
                        sent.text
                    )?;
                }
                Ok(())
            }
            "state" => {
                let (slots, held) = (self.modem.slots_used(), self.modem.held());
                writeln!(
                    out,
                    "slots {slots} held {held} submitted {}",
                    self.modem.submitted().len()
                )
            }
            _ => match line.parse::<Control>() {
                Ok(control) => match self.modem.obey(&control, now()?) {
                    Ok(()) => Ok(()),
                    Err(error) => writeln!(out, "not delivered: {error}"),
                },
                Err(misread) => writeln!(out, "{misread}"),
            },
        }
    }
}

/// Whether there is something to read on each.
fn wait_for(
    terminal: BorrowedFd<'_>,
    control: BorrowedFd<'_>,
    wait: Duration,
) -> io::Result<(bool, bool)> {
    let mut both =
        [PollFd::new(terminal, PollFlags::POLLIN), PollFd::new(control, PollFlags::POLLIN)];
    let wait = PollTimeout::try_from(wait.saturating_add(Duration::from_millis(1)))
        .unwrap_or(PollTimeout::MAX);
    match poll(&mut both, wait) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = both.map(|one| one.any().unwrap_or_default());
    let [terminal, control] = ready;
    Ok((terminal, control))
}
