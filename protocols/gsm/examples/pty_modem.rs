//! The simulated modem on a pseudo-terminal, for gammu, smsd and whoever else wants a modem.
//!
//! It prints the path of the terminal and obeys lines on its standard input:
//!
//! ```text
//! deliver +33612345678 ACK 4711      somebody sends a text to the SIM
//! sent                               lists and forgets the texts that were sent
//! state                              slots in use, messages held back, parts submitted
//! refuse 38 | swallow | late 5 | mute 20 | reset | silent-reset | no-prompt | echo | torn
//! register 5                         the registration changes
//! say +CMTI: "SM",3                  a line is said unasked
//! ```
//!
//! `pty_modem 0.2` takes 0.2 s for each message, and `pty_modem 2.5 trace` shows all bytes.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{read, ttyname, write};
use vigie_gsm::simulator::{Fault, Modem, Profile};

/// How often standard input, which may come in whole lines at once, is looked at without being polled.
const IDLE: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(2.5);
    let trace = arguments.next().is_some();
    let terminal = openpty(None, None)?;
    let mut mode = tcgetattr(&terminal.slave)?;
    cfmakeraw(&mut mode);
    tcsetattr(&terminal.slave, SetArg::TCSANOW, &mode)?;
    writeln!(io::stdout(), "{}", ttyname(&terminal.slave)?.display())?;
    let profile = Profile { per_message: Duration::from_secs_f64(seconds), ..Profile::default() };
    Desk { modem: Modem::new(profile, now()?), terminal: terminal.master, trace }.serve()
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
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = rest.parse().unwrap_or_default();
        let now = now()?;
        let fault = match verb {
            "refuse" => Fault::Refuse(number),
            "swallow" => Fault::SwallowAnswer,
            "late" => Fault::LateAnswer(Duration::from_secs(number.into())),
            "mute" => Fault::Mute(Duration::from_secs(number.into())),
            "reset" => Fault::Reset { silent: false },
            "silent-reset" => Fault::Reset { silent: true },
            "no-prompt" => Fault::NoPrompt,
            "echo" => Fault::Echo,
            "torn" => Fault::TornLine,
            _ => return self.obey_network(verb, rest, now),
        };
        self.modem.fail(fault, now);
        Ok(())
    }

    fn obey_network(&mut self, verb: &str, rest: &str, now: Duration) -> io::Result<()> {
        let mut out = io::stdout();
        match verb {
            "deliver" => {
                let (sender, text) = rest.split_once(' ').unwrap_or((rest, ""));
                match self.modem.deliver(sender, text, now) {
                    Ok(parts) => writeln!(out, "delivered in {parts}"),
                    Err(error) => writeln!(out, "not delivered: {error}"),
                }
            }
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
            "register" => {
                self.modem.register(rest.parse().unwrap_or_default(), now);
                Ok(())
            }
            "say" => {
                self.modem.say(rest);
                Ok(())
            }
            _ => writeln!(out, "unknown: {verb}"),
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
