//! `[metrics]`, `[ping.*]`: what others are told of Vigie itself.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::secret::Secret;
use crate::config::table::tables;

tables! {
    /// Where the metrics are read.
    Metrics = "the port of the metrics" {
        /// Address and port, of the loopback alone, at which `GET /metrics` is answered with the numbers of Vigie as Prometheus reads
        /// them: `"127.0.0.1:9464"`; default none. `vigie metrics` prints the same.
        "listen" => listen: String,
    }

    /// A life sign to a dead man's switch.
    Ping = "a ping", secrets: true {
        /// The address that the service gave for this site, `https://…`, a secret: it is asked for (GET) as long as what comes in here
        /// still gets to the disk. Redirections are not followed. Required.
        "url" => url: Secret,
        /// How often; default `"1m"`.
        "every" => every: Duration,
        /// The certificates of the authorities that are believed (PEM); default those of the system.
        "ca" => ca: PathBuf,
    }
}
