//! Revival: what is tried, life after life, with a modem that is there and does not answer.
//!
//! Each life that ended so adds one step; the dialogue has tried ESC before. A modem that answers again begins at the
//! first step the next time. It never touches a modem whose device is absent or held: only silence counts. Each step
//! is told before it is done, as news of the alarm that the modem is lost, so that the record says what was tried.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::host::aside::aside;
use crate::host::serial::SerialLine;

/// So long may a command of the operator's run.
const COMMAND: Duration = Duration::from_secs(30);
/// So long a USB port stays off: devices need to notice.
const PORT_OFF: Duration = Duration::from_secs(2);
/// No device is deeper in the tree of the system's devices.
const DEEPEST: usize = 16;

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// DTR off and on, and `+++`: it may believe that it is connected (V.250 6.3.5, 27.007 6.21).
    Escape,
    /// It is told to restart.
    Restart,
    /// Its USB port is switched off and on.
    Replug,
    /// The operator's command: a relay in its supply.
    Command,
}

impl Step {
    /// What to try after so many lives in which it did not answer: all, one after the other, and from the beginning.
    pub(super) fn after(mute_lives: u32, has_command: bool) -> Option<Self> {
        const STEPS: [Step; 4] = [Step::Escape, Step::Restart, Step::Replug, Step::Command];
        let known = if has_command { STEPS.len() } else { STEPS.len() - 1 };
        let turn = usize::try_from(mute_lives.checked_sub(1)?).unwrap_or(usize::MAX);
        STEPS.get(turn % known).copied()
    }

    /// In the operator's words.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Escape => "the modem does not answer; the line is dropped (DTR, +++)",
            Self::Restart => "the modem does not answer; it is told to restart",
            Self::Replug => "the modem does not answer; its USB port is switched off and on",
            Self::Command => "the modem does not answer; the command in `revive` is run",
        }
    }

    /// Whether the modem starts anew, and needs a while before it can answer.
    pub(super) fn restarts(self) -> bool {
        match self {
            Self::Escape => false,
            Self::Restart | Self::Replug | Self::Command => true,
        }
    }
}

/// The command that restarts a modem of this maker; 27.007 8.2 where we know no better.
pub(super) fn restart(maker: &str) -> &'static str {
    const OWN: [(&str, &str); 3] =
        [("HUAWEI", "AT^RESET"), ("SIMCOM", "AT+CRESET"), ("TELIT", "AT#REBOOT")];
    let maker = maker.to_ascii_uppercase();
    let own = OWN.iter().find(|(name, _)| maker.contains(name));
    own.map_or("AT+CFUN=1,1", |(_, command)| command)
}

/// Drops the line and leaves a connection, with a silence before and behind.
pub(super) async fn escape(line: &mut SerialLine, silence: Duration) {
    line.ready(false);
    tokio::time::sleep(silence).await;
    line.ready(true);
    say(line, b"+++", silence).await;
}

/// Says something that nobody may be there to hear; what is answered is of no interest.
pub(super) async fn say(line: &mut SerialLine, bytes: &[u8], silence: Duration) {
    line.say(bytes);
    let until = tokio::time::sleep(silence);
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return,
            // A line that has ended says so again to whoever reads it next.
            heard = line.hear() => if heard.is_err() { return },
        }
    }
}

/// Switches the USB port of a device off and on.
///
/// # Errors
/// Why it cannot be done, in the operator's words.
pub(super) async fn replug(system: &Path, device: &Path) -> Result<(), String> {
    let port = usb_port(system, device)
        .ok_or_else(|| format!("{} is not on a USB port", device.display()))?;
    let switch = port.join("authorized");
    write(&switch, "0").await?;
    tokio::time::sleep(PORT_OFF).await;
    write(&switch, "1").await
}

/// Writes a word into a file of the system's; a device that hangs may keep that waiting for seconds.
async fn write(file: &Path, word: &'static str) -> Result<(), String> {
    let owned = file.to_owned();
    let written = aside(move || std::fs::write(owned, word)).await.flatten();
    written.map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

/// The place of a serial device's USB device in the tree of the system's devices.
fn usb_port(system: &Path, device: &Path) -> Option<PathBuf> {
    let name = std::fs::canonicalize(device).ok()?.file_name()?.to_owned();
    let tty = std::fs::canonicalize(system.join("class/tty").join(name).join("device")).ok()?;
    let mut places = tty.ancestors().take(DEEPEST);
    let port =
        places.find(|place| place.join("idVendor").exists() && place.join("authorized").exists());
    port.map(Path::to_owned)
}

/// Runs the operator's command.
///
/// # Errors
/// How it failed, in the operator's words.
pub(super) async fn run(command: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("the command in `revive` is empty".to_owned());
    };
    let running = tokio::process::Command::new(program)
        .args(arguments)
        // What it says to systemd would count as the word of the daemon.
        .env_remove("NOTIFY_SOCKET")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut running = running.map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    match tokio::time::timeout(COMMAND, running.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("`{program}` failed: {status}")),
        Ok(Err(error)) => Err(format!("`{program}` was lost: {error}")),
        Err(_) => Err(format!("`{program}` did not end within {} s", COMMAND.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mute_life_adds_a_step_and_the_last_is_followed_by_the_first() {
        let steps =
            |has_command| (0..7).map(|lives| Step::after(lives, has_command)).collect::<Vec<_>>();
        let [escape, restart, replug, command] =
            [Step::Escape, Step::Restart, Step::Replug, Step::Command].map(Some);
        assert_eq!(steps(true), [None, escape, restart, replug, command, escape, restart]);
        assert_eq!(steps(false), [None, escape, restart, replug, escape, restart, replug]);
        assert!(Step::after(u32::MAX, true).is_some());
    }

    #[test]
    fn a_known_maker_s_modem_is_restarted_by_its_own_command() {
        for (maker, command) in [
            ("huawei", "AT^RESET"),
            ("SIMCOM_Ltd", "AT+CRESET"),
            ("Telit", "AT#REBOOT"),
            ("Quectel", "AT+CFUN=1,1"),
            ("", "AT+CFUN=1,1"),
        ] {
            assert_eq!(restart(maker), command, "{maker}");
        }
    }

    #[tokio::test]
    async fn the_usb_port_of_a_device_is_found_through_its_links_and_switched() {
        let place = tempfile::tempdir().unwrap();
        let (system, dev) = (place.path().join("sys"), place.path().join("dev"));
        let interface = system.join("devices/pci0/usb1/1-2/1-2:1.2/ttyUSB2");
        std::fs::create_dir_all(&interface).unwrap();
        std::fs::create_dir_all(dev.join("serial/by-id")).unwrap();
        std::fs::create_dir_all(system.join("class/tty/ttyUSB2")).unwrap();
        std::os::unix::fs::symlink(&interface, system.join("class/tty/ttyUSB2/device")).unwrap();
        std::fs::write(dev.join("ttyUSB2"), "").unwrap();
        let by_id = dev.join("serial/by-id/usb-Quectel");
        std::os::unix::fs::symlink(dev.join("ttyUSB2"), &by_id).unwrap();
        let told = replug(&system, &by_id).await.unwrap_err();
        assert!(told.ends_with("is not on a USB port"), "{told}");
        let port = system.join("devices/pci0/usb1/1-2");
        for file in ["idVendor", "authorized"] {
            std::fs::write(port.join(file), "1").unwrap();
        }
        let mut replugging = std::pin::pin!(replug(&system, &by_id));
        let off = async {
            while std::fs::read_to_string(port.join("authorized")).unwrap() != "0" {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            replugged = &mut replugging => panic!("it never was off: {replugged:?}"),
            () = off => {}
        }
        replugging.await.unwrap();
        assert_eq!(std::fs::read_to_string(port.join("authorized")).unwrap(), "1");
        assert!(replug(&system, &dev.join("ttyUSB9")).await.is_err());
    }

    #[tokio::test]
    async fn what_the_operator_s_command_does_wrong_is_told() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(run(&words(&["true"])).await, Ok(()));
        for (command, told) in [
            (words(&["false"]), "`false` failed: exit status: 1"),
            (words(&["/no/such/relay"]), "`/no/such/relay` cannot be run"),
            (words(&[]), "is empty"),
        ] {
            let wrong = run(&command).await.unwrap_err();
            assert!(wrong.contains(told), "{wrong}");
        }
    }
}
