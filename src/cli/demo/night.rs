//! The demo's night: who does what, when, and what the viewer is told of it.
//!
//! Nothing is printed that was not seen: a message is shown when it has left the modem, a state when
//! the daemon says so.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, sleep, timeout};
use vigie_gsm::simulator::Sent;

use super::Stage;
use crate::cli::client::converse_async;
use crate::cli::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Answer, Request};
use crate::host::simulated_modem::Control;
use crate::journal::{Reader, Verification};

/// Marie's number.
pub(super) const MARIE: &str = "+33612345678";
/// Karim's number.
pub(super) const KARIM: &str = "+33698765432";

/// A trap of net-snmp's `snmptrap`, as it came over the wire: linkDown of interface 7.
const LINK_DOWN: &str = include_str!("../../../fixtures/snmp/v2c-link-down.hex");
/// The OID of linkDown in it; linkUp differs in the last octet (RFC 2863).
const LINK_DOWN_OID: [u8; 9] = [0x2b, 6, 1, 6, 3, 1, 1, 5, 3];

/// Nothing that the demo waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the viewer may send traps where no terminal shows that somebody is there.
const UNWATCHED: Duration = Duration::from_secs(30);

/// The night, and the screen on which it is told.
pub(super) struct Night<'a> {
    control: Control,
    sent: Receiver<Sent>,
    terminal: &'a mut Terminal,
    began: Instant,
    port: u16,
    file: PathBuf,
    store: PathBuf,
    socket: PathBuf,
}

impl<'a> Night<'a> {
    pub(super) fn new(stage: &Stage, control: Control, terminal: &'a mut Terminal) -> Self {
        Self {
            sent: control.sent(),
            control,
            terminal,
            began: Instant::now(),
            port: stage.port,
            file: stage.file(),
            store: stage.store(),
            socket: stage.path().join("vigie.sock"),
        }
    }

    /// Tells the night from the first trap to the proof of the record, then waits for the viewer's
    /// own. The error is a sentence: what was expected and did not come.
    pub(super) async fn tell(&mut self) -> Result<(), String> {
        self.opening().await?;
        let code = self.alarm().await?;
        let code = self.silence(&code).await?;
        self.answers(&code).await?;
        self.ending().await?;
        self.proof()?;
        self.viewers_turn().await
    }

    async fn opening(&mut self) -> Result<(), String> {
        let title = self.terminal.styled(Style::Strong, "A night at the North pumping station");
        self.terminal.line(title);
        self.terminal
            .line("The daemon is the real one; the modem, the switch and the people are played.");
        self.terminal.line("Policy: Marie is called first; after 12 s (on a site: minutes) Karim; the answer counts twice:");
        self.terminal.line("\"I take it\", then \"it is dealt with\".\n");
        self.until_up().await?;
        self.explain("the daemon is up: its modem is registered, its trap receiver listens");
        Ok(())
    }

    async fn alarm(&mut self) -> Result<String, String> {
        sleep(Duration::from_secs(1)).await;
        self.trap(LINK_DOWN_OID)?;
        self.act("switch", "sends the trap linkDown for interface 7");
        self.explain("it is on disk before anybody is told; the first step of the ladder fires");
        let message = self.message_to(MARIE).await?;
        let code = last_word(&message);
        self.explain("one message: how bad, where, what, and what to answer. The code is hers, for this occurrence alone");
        self.state("unacknowledged").await?;
        Ok(code)
    }

    async fn silence(&mut self, hers: &str) -> Result<String, String> {
        self.act("Marie", "sleeps on");
        let message = self.message_to(KARIM).await?;
        let code = last_word(&message);
        self.explain(
            "nobody answered in time: the second step fires, and Karim gets a code of his own",
        );
        sleep(Duration::from_secs(2)).await;
        self.answer("Karim", KARIM, hers).await?;
        self.message_to(KARIM).await?;
        self.explain("that is Marie's code: from Karim's phone it silences nothing");
        Ok(code)
    }

    async fn answers(&mut self, code: &str) -> Result<(), String> {
        sleep(Duration::from_secs(2)).await;
        self.answer("Karim", KARIM, code).await?;
        self.two_messages().await?;
        self.explain("the first acknowledgement stops the calls; who was told is told who has it");
        self.state("acknowledged").await?;
        sleep(Duration::from_secs(3)).await;
        self.answer("Karim", KARIM, &format!("{code} fin")).await?;
        self.message_to(KARIM).await?;
        self.explain(
            "the second acknowledgement: it is dealt with. Without it, calls would start again",
        );
        Ok(())
    }

    async fn ending(&mut self) -> Result<(), String> {
        sleep(Duration::from_secs(2)).await;
        let mut up = LINK_DOWN_OID;
        up[8] = 4;
        self.trap(up)?;
        self.act("switch", "sends the trap linkUp: the cause is gone");
        self.state("normal").await?;
        self.explain("confirmed and returned: the occurrence is over");
        Ok(())
    }

    fn proof(&mut self) -> Result<(), String> {
        let reader = Reader::open(&self.store).map_err(|error| error.to_string())?;
        match reader.verify().map_err(|error| error.to_string())? {
            Verification::Intact { entries, head, .. } => {
                self.act(
                    "journal",
                    &format!(
                        "intact: {entries} entries, each chained to the last; head {}",
                        head.hash
                    ),
                );
                Ok(())
            }
            Verification::Broken(broken) => Err(broken.to_string()),
        }
    }

    /// Shows what the viewer's own traps lead to: until Ctrl-C on a terminal, for half a minute where
    /// the output goes elsewhere.
    async fn viewers_turn(&mut self) -> Result<(), String> {
        let watched = std::io::IsTerminal::is_terminal(&std::io::stdout());
        let (port, file) = (self.port, self.file.display().to_string());
        let vigie = std::env::current_exe()
            .map_or_else(|_| "vigie".into(), |path| path.display().to_string());
        let until = if watched {
            "Ctrl-C here ends the demo and removes everything"
        } else {
            "the demo ends in half a minute"
        };
        self.terminal.line(format_args!(
            "\nYour turn: from another terminal, send one more ({until}):\n\n  \
             snmptrap -v 2c -c public 127.0.0.1:{port} '' 1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.9 i 9\n  \
             {vigie} --config {file} alarms\n  \
             {vigie} --config {file} ack CODE --as marie\n"
        ));
        self.flush();
        if watched {
            self.show_all().await;
            return Ok(());
        }
        // The end of the wait is the end of the demo, and no mistake.
        let _ = timeout(UNWATCHED, self.show_all()).await;
        Ok(())
    }

    async fn show_all(&mut self) {
        loop {
            match self.sent.recv().await {
                Ok(sent) => self.show(&sent),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    fn trap(&self, trap: [u8; 9]) -> Result<(), String> {
        let captured = datagram(LINK_DOWN).ok_or("the captured trap cannot be read")?;
        let at = captured.windows(LINK_DOWN_OID.len()).position(|window| *window == LINK_DOWN_OID);
        let mut sent = captured;
        let place = at.and_then(|at| sent.get_mut(at..at.saturating_add(trap.len())));
        place.ok_or("the captured trap is another one")?.copy_from_slice(&trap);
        UdpSocket::bind("127.0.0.1:0")
            .and_then(|socket| socket.send_to(&sent, ("127.0.0.1", self.port)))
            .map_err(|error| format!("the trap cannot be sent: {error}"))?;
        Ok(())
    }

    async fn answer(&mut self, name: &str, number: &str, text: &str) -> Result<(), String> {
        self.act(name, &format!("answers: {text}"));
        let delivered =
            self.control.deliver(number, text).await.map_err(|gone| gone.to_string())?;
        delivered.map(drop).map_err(|error| error.to_string())
    }

    async fn message_to(&mut self, number: &str) -> Result<String, String> {
        let sent = self.next_message().await?;
        let to = sent.to.to_string();
        self.show(&sent);
        if to == number {
            Ok(sent.text)
        } else {
            Err(format!("a message to {number} was expected, and one went to {to}"))
        }
    }

    async fn two_messages(&mut self) -> Result<(), String> {
        for _ in 0..2 {
            let sent = self.next_message().await?;
            self.show(&sent);
        }
        Ok(())
    }

    async fn next_message(&mut self) -> Result<Sent, String> {
        match timeout(PATIENCE, self.sent.recv()).await {
            Ok(Ok(sent)) => Ok(sent),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no message left the modem within {} s", PATIENCE.as_secs())),
        }
    }

    /// Waits until the alarm is in that state, by the daemon's own word.
    async fn state(&mut self, wanted: &str) -> Result<(), String> {
        let is = |told: &serde_json::Value| {
            let alarms = told.as_array().into_iter().flatten();
            alarms.filter_map(|alarm| alarm.get("state")?.as_str()).any(|state| state == wanted)
        };
        self.until(&Request::Alarms { all: true }, is, wanted).await?;
        self.act("vigie", &format!("alarms: link is {wanted}"));
        Ok(())
    }

    async fn until_up(&mut self) -> Result<(), String> {
        let is = |told: &serde_json::Value| {
            let inputs = told.get("inputs").and_then(serde_json::Value::as_array);
            inputs.is_some_and(|inputs| {
                inputs.iter().all(|input| {
                    input.pointer("/state/is").and_then(serde_json::Value::as_str) == Some("up")
                })
            })
        };
        self.until(&Request::Status, is, "up").await
    }

    async fn until(
        &mut self,
        request: &Request,
        holds: impl Fn(&serde_json::Value) -> bool,
        wanted: &str,
    ) -> Result<(), String> {
        let asking = async {
            loop {
                if let Ok(Answer::Told(told)) = converse_async(&self.socket, request).await
                    && serde_json::from_str(told.get()).is_ok_and(|told| holds(&told))
                {
                    return;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, asking)
            .await
            .map_err(|_| format!("the daemon was not `{wanted}` within {} s", PATIENCE.as_secs()))
    }

    fn show(&mut self, sent: &Sent) {
        let name = match sent.to.to_string().as_str() {
            MARIE => "Marie",
            KARIM => "Karim",
            _ => "?",
        };
        let text = self.terminal.styled(Style::Good, plain(&sent.text));
        self.write(format_args!("SMS to {name}: {text}"));
    }

    fn act(&mut self, who: &str, what: &str) {
        let who = self.terminal.styled(Style::Strong, who);
        self.write(format_args!("{who} {what}"));
    }

    fn explain(&mut self, why: &str) {
        let why = self.terminal.styled(Style::Faint, format_args!("       . {why}"));
        self.terminal.line(why);
        self.flush();
    }

    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        let passed = self.began.elapsed().as_secs();
        let time = self
            .terminal
            .styled(Style::Faint, format_args!("{:02}:{:02}", passed / 60, passed % 60));
        self.terminal.line(format_args!("{time}  {line}"));
        self.flush();
    }

    fn flush(&mut self) {
        // A screen that is gone is noticed when the demo ends.
        let _ = self.terminal.output().flush();
    }
}

/// The code stands at the end of a call on its own.
fn last_word(message: &str) -> String {
    message.split_whitespace().next_back().unwrap_or_default().to_owned()
}

/// The octets of a captured datagram: hexadecimal digits, with or without space between.
fn datagram(hex: &str) -> Option<Vec<u8>> {
    let lines = hex.lines().filter(|line| !line.trim_start().starts_with('#'));
    let digits: Vec<u32> =
        lines.flat_map(str::chars).filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}
