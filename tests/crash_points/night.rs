//! One scripted night, in which the daemon may die once: what devices and people do, and what is left in the morning.
//!
//! Devices and people go by what reaches them and by nothing else. A device repeats an inform until it is answered; a
//! person who has sent a message never sends it again; one who typed a command and was not answered types it again.
//! A daemon that has died is started again at once, as a service manager does it.

use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::calls::Sight;
use crate::house::{House, until, until_so};
use crate::people::{KARIM, LEA, MARIE, NOBODY, Sms};
use crate::programs::{Link, VIGIE, inform, net_snmp};
use crate::site::Plan;
use crate::tracer::{Life, Point, Tracer, WAITS_TO_BE_FOLLOWED};

/// An event that calls Léa; who says "I take it" ends it.
const COLD_START: &str = r#"
[escalations.quiet]
acknowledge = "single"
steps = [
  { notify = ["person:lea"], wait = "5m" },
  { notify = ["person:marie"], wait = "5m" },
]
[alarms.cold-start]
from       = ["snmp.network"]
match      = { trap = "SNMPv2-MIB::coldStart" }
text       = "Commutateur redémarré"
escalation = "quiet"
"#;

/// What is left of a night in the morning.
pub(crate) struct Morning {
    /// The alarms as `vigie alarms --all --json` tells them, without the time.
    pub(crate) alarms: Vec<Value>,
    /// The signals that nobody claims, by their text and how often they came.
    pub(crate) unclaimed: Vec<(Value, Value)>,
    /// All that left the modem.
    pub(crate) messages: Vec<Sms>,
    /// The entries of the record.
    pub(crate) record: Vec<Value>,
    /// What the first daemon did until it ended.
    pub(crate) life: Life,
}

struct Night {
    house: House,
    tracer: Option<Tracer>,
    life: Option<Life>,
}

/// Plays the night to its end; the daemon dies at that point, if it gets there.
pub(crate) fn play(point: Option<Point>) -> Morning {
    let plan = Plan { marie: "1s", more: COLD_START, ..Plan::default() };
    let mut house = House::built(&plan);
    let mut followed = Command::new("sh");
    followed.args(WAITS_TO_BE_FOLLOWED).arg(VIGIE);
    house.launch(followed);
    let store = house.site.store().parent().expect("a folder of its own").to_owned();
    let tracer = Tracer::follow(house.pid(), Sight::new(store, house.site.socket()), point);
    let mut night = Night { house, tracer: Some(tracer), life: None };
    night.a_link_is_cut_and_comes_back();
    night.a_switch_starts_anew();
    night.morning()
}

impl Night {
    /// Starts the daemon again if it has died.
    fn tend(&mut self) {
        if let Some(tracer) = self.tracer.take_if(|tracer| tracer.has_ended()) {
            let life = tracer.end();
            if life.cut {
                self.house.kill();
                self.house.launch_plain();
            }
            self.life = Some(life);
        }
    }

    fn until<T>(&mut self, what: &str, mut there: impl FnMut(&House) -> Option<T>) -> T {
        until(what, || {
            self.tend();
            there(&self.house)
        })
    }

    /// A device tells something until it is heard.
    fn tells(&mut self, mut sender: Child) {
        let ended = self.until("the inform is answered", |_| sender.try_wait().unwrap());
        assert!(ended.success(), "its patience is endless: {ended}");
    }

    /// Waits until somebody reads a message that says this.
    fn reads(&mut self, who: &str, says: &str) -> Sms {
        self.until(&format!("{who} reads {says:?}"), |house| {
            house.messages_to(who).into_iter().find(|sms| sms.text.contains(says))
        })
    }

    fn a_link_is_cut_and_comes_back(&mut self) {
        self.tells(inform(&self.house.site.address, Link::Down, 7, 600, "0.3"));
        let marie = self.reads(MARIE, "Lien 7 coupé. Répondez");
        // Marie sleeps on.
        let karim = self.reads(KARIM, "Lien 7 coupé. Répondez");
        self.house.text(KARIM, &marie.code());
        self.reads(KARIM, "n'est pas un des votres");
        self.house.text(NOBODY, "Bonjour");
        self.house.text(KARIM, &karim.code());
        self.reads(KARIM, "Pris en charge par Karim");
        self.reads(MARIE, "Pris en charge par Karim");
        self.house.text(KARIM, &format!("{} FIN", karim.code()));
        self.reads(KARIM, "Réglé, confirmé par Karim");
        self.tells(inform(&self.house.site.address, Link::Up, 7, 600, "0.3"));
    }

    fn a_switch_starts_anew(&mut self) {
        self.tells(cold_start(&self.house.site.address));
        let lea = self.reads(LEA, "Commutateur redémarré. Répondez");
        self.house.text(LEA, &format!("{} NON", lea.code()));
        let marie = self.reads(MARIE, "Commutateur redémarré. Répondez");
        self.until("the command is answered", |house| {
            let said = house.vigie(&["ack", &marie.code(), "--as", "marie"]);
            (said.exit != Some(69)).then_some(said)
        });
        self.reads(LEA, "Pris en charge par Marie");
    }
    /// The daemon is stopped and started once more, and then everything is looked at.
    fn morning(mut self) -> Morning {
        self.until("the SIM is empty", |house| (house.on_the_sim() == 0).then_some(()));
        self.house.signal(Signal::SIGTERM);
        let followed = self.tracer.take().map(Tracer::end);
        let ended = self.house.end();
        let life = followed.or_else(|| self.life.take()).expect("it was followed to its end");
        assert!(ended.success() || life.cut, "it stops well: {ended}");
        self.house.release_modem();
        self.house.start();
        // The network's word on a message may have died with the daemon: it is not waited for.
        until_so("nothing is owed any more", || {
            self.house.vigie(&["status", "--json"]).json()["notifications"]["owed"] == 0
        });
        self.house.verify();
        let mut alarms = self.house.alarms();
        for alarm in &mut alarms {
            alarm["active_since"].take();
        }
        let unclaimed = self.house.vigie(&["unclaimed", "--json"]).json();
        let unclaimed = unclaimed.as_array().unwrap().iter();
        let unclaimed =
            unclaimed.map(|group| (group["signal"]["text"].clone(), group["count"].clone()));
        Morning {
            alarms,
            unclaimed: unclaimed.collect(),
            messages: self.house.messages(),
            record: self.house.journal(),
            life,
        }
    }
}

impl Drop for Night {
    fn drop(&mut self) {
        // Whoever waits for a daemon that is followed takes from its follower what only that one can answer.
        if let Some(tracer) = self.tracer.take() {
            self.house.signal(Signal::SIGKILL);
            tracer.end();
        }
        if std::thread::panicking() {
            let tail = self.house.vigie(&["journal", "tail", "-n", "100"]);
            println!("the record:\n{}", tail.out);
        }
    }
}

/// `snmpinform` of a coldStart, which repeats itself until it is answered.
fn cold_start(to: &str) -> Child {
    let mut sender = net_snmp("snmpinform", &["-r", "600", "-t", "0.3"], to);
    sender.args(["", "1.3.6.1.6.3.1.1.5.1"]);
    sender.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
