//! The modem's standing: in its network, and with its SIM.
//!
//! It says when the watch must hear of it, and once for each change: a registration that is lost for a moment is no
//! news. It never holds anything back itself.

use std::time::Duration;

use vigie_gsm::dialogue::{Instant, Registration, Status, Technology};

/// For so long a modem may be without its network before that is an alarm; for so long one may say nothing about it
/// before it counts as one that never does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the modem stands in its network.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Standing {
    /// It has not said.
    Untold { since: Instant },
    /// In a network.
    Registered,
    /// In none.
    Lost { since: Instant, status: Status, told: bool },
}

/// What the watch is to hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum News {
    /// There is no network, for this reason.
    Lost(&'static str),
    /// There is one.
    Found,
}

/// Follows what a modem says of its network, from the moment at which it is set up.
#[derive(Debug)]
pub(super) struct Network {
    standing: Standing,
    /// An earlier life may have raised the alarm: the first registration of each life ends it.
    cleared: bool,
}

impl Network {
    pub(super) fn new(now: Instant) -> Self {
        Self { standing: Standing::Untold { since: now }, cleared: false }
    }

    /// It was set up anew: what it said before is past, but not the alarm.
    pub(super) fn forget(&mut self, now: Instant) {
        if self.standing == Standing::Registered {
            self.standing = Standing::Untold { since: now };
        }
    }

    /// The modem says where it stands.
    pub(super) fn told(&mut self, registration: Registration, now: Instant) -> Option<News> {
        let status = registration.status;
        if status.is_registered() {
            self.standing = Standing::Registered;
            return (!std::mem::replace(&mut self.cleared, true)).then_some(News::Found);
        }
        self.standing = match self.standing {
            Standing::Lost { since, told, .. } => Standing::Lost { since, status, told },
            Standing::Untold { since } => Standing::Lost { since, status, told: false },
            Standing::Registered => Standing::Lost { since: now, status, told: false },
        };
        None
    }

    /// Time has passed.
    pub(super) fn elapsed(&mut self, now: Instant) -> Option<News> {
        match &mut self.standing {
            Standing::Lost { since, status, told }
                if !*told && now >= since.saturating_add(PATIENCE) =>
            {
                *told = true;
                self.cleared = false;
                Some(News::Lost(reason(*status)))
            }
            Standing::Lost { .. } | Standing::Untold { .. } | Standing::Registered => None,
        }
    }

    /// When [`Self::elapsed`] or [`Self::may_send`] says something new, if nothing else happens.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.standing {
            Standing::Lost { since, told: false, .. } | Standing::Untold { since } => {
                Some(since.saturating_add(PATIENCE))
            }
            Standing::Lost { told: true, .. } | Standing::Registered => None,
        }
    }

    /// Whether it is worth asking for something to send. A modem that never says where it stands sends as well.
    pub(super) fn may_send(&self, now: Instant) -> bool {
        match self.standing {
            Standing::Registered => true,
            Standing::Untold { since } => now >= since.saturating_add(PATIENCE),
            Standing::Lost { .. } => false,
        }
    }
}

fn reason(status: Status) -> &'static str {
    match status {
        Status::NotSearching => "it does not search for one",
        Status::Searching => "it searches in vain",
        Status::Denied => "the network refuses this SIM",
        Status::Unknown => "it does not know where it stands; is the aerial connected?",
        Status::EmergencyOnly => "the network allows emergency calls only",
        Status::Home | Status::Roaming => "it has only just found one",
    }
}

/// As `vigie status` shows it.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::NotSearching => "off",
        Status::Home => "home",
        Status::Searching => "searching",
        Status::Denied => "denied",
        Status::Unknown => "unknown",
        Status::Roaming => "roaming",
        Status::EmergencyOnly => "emergency only",
    }
}

/// As `vigie status` shows it.
pub(super) fn generation(technology: Technology) -> &'static str {
    match technology {
        Technology::Gsm => "2G",
        Technology::Umts => "3G",
        Technology::Lte => "4G",
        Technology::Nr => "5G",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: Registration = Registration { status: Status::Searching, technology: None };
    const HOME: Registration =
        Registration { status: Status::Home, technology: Some(Technology::Lte) };

    fn at(seconds: u64) -> Instant {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_network_that_is_lost_for_a_moment_wakes_nobody() {
        let mut network = Network::new(at(0));
        assert_eq!(network.told(HOME, at(1)), Some(News::Found));
        assert_eq!(network.told(LOST, at(10)), None);
        assert_eq!(network.elapsed(at(69)), None);
        assert!(!network.may_send(at(69)));
        assert_eq!(network.told(HOME, at(69)), None);
        assert_eq!(network.elapsed(at(200)), None);
        assert!(network.may_send(at(200)));
    }

    #[test]
    fn a_network_that_stays_away_is_told_once_and_its_return_once() {
        let mut network = Network::new(at(0));
        assert_eq!(network.told(HOME, at(1)), Some(News::Found));
        network.told(LOST, at(10));
        assert_eq!(network.due(), Some(at(70)));
        assert_eq!(network.elapsed(at(70)), Some(News::Lost("it searches in vain")));
        assert_eq!(network.elapsed(at(80)), None);
        assert_eq!(network.told(LOST, at(90)), None);
        assert_eq!(network.elapsed(at(200)), None);
        assert_eq!(network.told(HOME, at(201)), Some(News::Found));
        assert_eq!(network.told(HOME, at(202)), None);
    }

    #[test]
    fn a_modem_that_never_says_where_it_stands_is_tried_all_the_same() {
        let mut network = Network::new(at(5));
        assert!(!network.may_send(at(6)));
        assert_eq!(network.elapsed(at(65)), None);
        assert!(network.may_send(at(65)));
    }
}
