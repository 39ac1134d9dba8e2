//! The simulated modem of `vigie demo`, for gammu, smsd and whoever else wants a modem to try: it prints the path of
//! its device and what leaves, and sends the SIM a message from time to time.

use std::io::{self, Write};
use std::time::Duration;

use vigie::host::simulated_modem::SimulatedModem;
use vigie_gsm::simulator::Profile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let modem = SimulatedModem::open(Profile::default())?;
    writeln!(io::stdout(), "{}", modem.device().display())?;
    let control = modem.control();
    let mut sent = control.sent();
    let messages = async {
        for number in 1_u32.. {
            tokio::time::sleep(Duration::from_secs(10)).await;
            let text = format!("ACK {number} : reçu à l'atelier. ")
                .repeat(number.min(9).try_into().unwrap_or(1));
            let parts = control.deliver("+33612345678", &text).await.map_err(io::Error::other)?;
            writeln!(io::stdout(), "delivered {number} in {parts:?}")?;
        }
        Ok::<(), io::Error>(())
    };
    let leaving = async {
        while let Ok(sent) = sent.recv().await {
            writeln!(io::stdout(), "{} ({}) {}", sent.to, sent.parts, sent.text)?;
        }
        Ok::<(), io::Error>(())
    };
    let ((), messages, leaving) = tokio::join!(modem.run(), messages, leaving);
    messages.and(leaving)
}
