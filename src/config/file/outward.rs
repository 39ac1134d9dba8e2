//! `[metrics]`: what other programs are told of Vigie itself.

use crate::config::table::tables;

tables! {
    /// Where the metrics are read.
    Metrics = "the port of the metrics" {
        /// Address and port, of the loopback alone, at which `GET /metrics` is answered with the numbers of Vigie as Prometheus reads
        /// them: `"127.0.0.1:9464"`; default none. `vigie metrics` prints the same.
        "listen" => listen: String,
    }
}
