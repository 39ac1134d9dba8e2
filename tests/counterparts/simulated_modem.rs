//! The simulated modem of `vigie demo`, for a daemon (or gammu, or smsd) to be tried on without hardware.
//!
//!     cargo run --example simulated_modem -- /tmp/vigie/modem
//!
//! It prints its device and every message that leaves; with a path, a link to the device is put there. A line on the
//! standard input, `NUMBER TEXT`, is a message that the SIM receives: `+33612345678 4711`.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;

use tokio::sync::mpsc;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::Profile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let modem = SimulatedModem::open(Profile::default())?;
    let mut device = modem.device().to_owned();
    if let Some(link) = std::env::args_os().nth(1) {
        lay(&device, Path::new(&link))?;
        device = link.into();
    }
    writeln!(io::stdout(), "{}", device.display())?;
    let control = modem.control();
    let mut sent = control.sent();
    let (sender, lines) = mpsc::channel(16);
    // It ends with the program, or with its input.
    std::thread::Builder::new().spawn(move || read(&sender))?;
    let leaving = async {
        while let Ok(sent) = sent.recv().await {
            writeln!(io::stdout(), "{} ({}) {}", sent.to, sent.parts, sent.text)?;
        }
        Ok::<(), io::Error>(())
    };
    let ((), coming, leaving) = tokio::join!(modem.run(), deliver(control, lines), leaving);
    coming?;
    Ok(leaving?)
}

/// A link that an earlier modem left is replaced; anything else is not.
fn lay(device: &Path, link: &Path) -> io::Result<()> {
    if link.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        std::fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(device, link)
}

fn read(lines: &mpsc::Sender<String>) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

async fn deliver(control: Control, mut lines: mpsc::Receiver<String>) -> io::Result<()> {
    while let Some(line) = lines.recv().await {
        let Some((number, text)) = line.trim().split_once(' ') else {
            writeln!(io::stderr(), "write NUMBER TEXT, such as: +33612345678 4711")?;
            continue;
        };
        match control.deliver(number, text).await.map_err(io::Error::other)? {
            Ok(_) => {}
            Err(error) => writeln!(io::stderr(), "not delivered: {error}")?,
        }
    }
    Ok(())
}
