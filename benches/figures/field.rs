//! SMS programs of the field, each on a modem and a folder of its own: how gammu-smsd is set up and told what to send.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Debian's gammu-smsd.
pub(crate) const GAMMU: &str = "/usr/bin/gammu-smsd";

/// gammu-smsd on this modem, which looks as often as its file allows.
pub(crate) fn gammu(folder: &Path, device: &Path) -> Child {
    let path = |name: &str| format!("{}/", folder.join(name).display());
    for name in ["inbox", "outbox", "sent", "error"] {
        std::fs::create_dir(folder.join(name)).expect("a folder");
    }
    let text = format!(
        "[gammu]\ndevice={}\nconnection=at115200\n[smsd]\nservice=files\nlogfile=stderr\nInboxPath={}\nOutboxPath={}\n\
         SentSMSPath={}\nErrorSMSPath={}\nCommTimeout=1\nReceiveFrequency=1\nCheckSecurity=0\n",
        device.display(),
        path("inbox"),
        path("outbox"),
        path("sent"),
        path("error"),
    );
    std::fs::write(folder.join("smsdrc"), text).expect("room for a file");
    let mut command = Command::new(GAMMU);
    command.arg("-c").arg(folder.join("smsdrc"));
    begun(command, folder)
}

/// Gives a message to the gammu-smsd of this folder.
pub(crate) fn inject(folder: &Path, to: &str, text: &str) {
    let mut inject = Command::new("gammu-smsd-inject");
    inject.arg("-c").arg(folder.join("smsdrc")).args(["TEXT", to, "-text", text]);
    let done = inject.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(done.expect("gammu-smsd-inject").success());
}

/// Starts a program, whose words go into a file of its folder.
pub(crate) fn begun(mut command: Command, folder: &Path) -> Child {
    let log = File::create(folder.join("daemon.log")).expect("room for a log");
    let also = log.try_clone().expect("a descriptor");
    command.stdin(Stdio::null()).stdout(log).stderr(also).env("HOME", folder);
    command.spawn().expect("a program")
}
