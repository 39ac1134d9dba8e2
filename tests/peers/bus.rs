//! A D-Bus of a test's own; the machine's is left alone.

use std::path::Path;
use std::process::Command;

use crate::place::{Place, Running};

pub(crate) struct Bus {
    address: String,
    _daemon: Running,
}

impl Bus {
    /// A bus on which everybody may do everything: its socket is in the folder of the test.
    pub(crate) async fn at(place: &Place, dbus_daemon: &Path) -> Self {
        let address = format!("unix:path={}", place.path("bus").display());
        let policy = ["user=\"*\"", "own=\"*\"", "send_destination=\"*\"", "eavesdrop=\"true\""]
            .map(|allowed| format!("<allow {allowed}/>"));
        place.write(
            "bus.conf",
            &format!(
                "<busconfig><type>session</type><listen>{address}</listen>\
                 <policy context=\"default\">{}</policy></busconfig>",
                policy.concat()
            ),
        );
        let mut daemon = Command::new(dbus_daemon);
        daemon.arg("--nofork").arg("--config-file").arg(place.path("bus.conf"));
        let bus = Self { address, _daemon: place.runs(&mut daemon) };
        let answers = || bus.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetId", &[]);
        place.until_said(answers, |_| true).await;
        bus
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Calls a method, and prints what it returns.
    pub(crate) fn call(&self, who: &str, object: &str, method: &str, words: &[&str]) -> Command {
        let mut call = self.gdbus("call", who);
        call.args(["-o", object, "-m", method]).args(words);
        call
    }

    /// Prints the signals of an object, for as long as it runs.
    pub(crate) fn monitor(&self, who: &str, object: &str) -> Command {
        let mut monitor = self.gdbus("monitor", who);
        monitor.args(["-o", object]);
        monitor
    }

    fn gdbus(&self, verb: &str, who: &str) -> Command {
        let mut gdbus = Command::new("gdbus");
        gdbus.args([verb, "--session", "-d", who]).env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        gdbus
    }
}
