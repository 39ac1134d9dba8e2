//! Life signs to a dead man's switch: a real HTTPS server in Python, with certificates made by openssl.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::house::{House, until, until_so};
use crate::programs::Said;
use crate::site::Plan;

const SWITCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counterparts/dead_mans_switch.py");

fn openssl(folder: &Path, words: &str) {
    let said = Said::by(Command::new("openssl").args(words.split(' ')).current_dir(folder));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

/// The service outside; it ends with the test.
struct Switch {
    server: Child,
    said: PathBuf,
}

impl Switch {
    /// At that address, with a certificate of the authority of that name, which is made where it is not there.
    fn open(folder: &Path, address: &str, authority: &str) -> Self {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        if !folder.join(format!("{authority}.pem")).exists() {
            openssl(
                folder,
                &format!(
                    "req -x509 {key} -days 30 -subj /CN={authority} -keyout {authority}.key -out {authority}.pem"
                ),
            );
        }
        std::fs::write(folder.join("ext"), format!("subjectAltName=IP:{address}\n")).unwrap();
        openssl(folder, &format!("req {key} -subj /CN=switch -keyout switch.key -out switch.csr"));
        openssl(
            folder,
            &format!(
                "x509 -req -in switch.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days 30 -extfile ext -out switch.pem"
            ),
        );
        let said = folder.join("said");
        let server = Command::new("/usr/bin/python3")
            .args([SWITCH, address, "8443", "switch.pem", "switch.key"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(File::create(&said).unwrap())
            .spawn()
            .unwrap();
        let switch = Self { server, said };
        until_so("the service listens", || switch.said().starts_with("listening\n"));
        switch
    }

    /// What it was asked for.
    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_switch_outside_hears_that_the_house_lives_and_one_that_nobody_believes_is_an_alarm_that_leaves_with_it()
 {
    let mut house = House::built(&Plan::default());
    let folder = house.site.path().to_owned();
    let address = house.site.address.replace(":10162", "");
    let switch = Switch::open(&folder, &address, "ours");
    let url = folder.join("url");
    std::fs::write(&url, format!("https://{address}:8443/ping/s3cr3t\n")).unwrap();
    let without = house.configuration.clone();
    let with = format!(
        "{without}\n[ping.switch]\nurl = {{ file = \"{}\" }}\nevery = \"10s\"\nca = \"{}\"\n",
        url.display(),
        folder.join("ours.pem").display()
    );
    // It comes and goes with the files, while the house is open.
    house.start();
    house.site.write(&with);
    house.reload();
    let ping = || house.vigie(&["status", "--json"]).json()["pings"][0].clone();
    let up = until("it is answered", || Some(ping()).filter(|ping| ping["state"]["is"] == "up"));
    assert_eq!(
        (&up["name"], &up["at"]),
        (&"ping.switch".into(), &url.display().to_string().into())
    );
    let asked = format!("GET /ping/s3cr3t vigie/{} {address}:8443\n", env!("CARGO_PKG_VERSION"));
    assert!(switch.said().contains(&asked), "{}", switch.said());
    let shown = house.vigie(&["status"]).out;
    assert!(shown.contains("ping.switch answered; "), "{shown}");
    let metrics = house.vigie(&["metrics"]).out;
    assert!(metrics.contains("vigie_ping_up{ping=\"ping.switch\"} 1\n"), "{metrics}");

    // Somebody else answers in its place.
    drop(switch);
    let stranger = Switch::open(&folder, &address, "strangers");
    let alarm = house.until_alarm("output-lost", "ping.switch", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("of an authority that we do not know: name it with `ca`"), "{text}");
    assert_eq!(stranger.said(), "listening\n", "it was asked for nothing");
    assert_eq!(ping()["state"]["is"], "down");
    let journal = Value::from(house.journal()).to_string();
    for told in [house.log(), journal, house.vigie(&["status"]).out, house.vigie(&["metrics"]).out]
    {
        assert!(!told.contains("s3cr3t"), "{told}");
    }

    // A ping that left the files gives no sign any more, nor takes back what it said.
    house.site.write(&without);
    house.reload();
    until_so("its alarm is over", || {
        let alarm = house.alarm("output-lost", "ping.switch").unwrap();
        alarm["state"] != "unacknowledged"
    });
    assert_eq!(house.vigie(&["status", "--json"]).json()["pings"], Value::Array(Vec::new()));
}
