//! Plays a scenario: moves the clock from line to line, and lets happen what is written there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil;

use super::super::super::site_time::length;
use super::super::night::Night;
use super::super::transcript::tag;
use super::super::words::When;
use super::act::{Act, Expected, Named, OfHouse, OfNetwork, Position};
use super::traps::Traps;
use super::{Line, Scenario, ScenarioError};
use crate::config::Settings;
use crate::watch::event::{Call, Command, Happening, ShortMessage, SwapRequest, Test, TestSms};
use crate::watch::name::{InputName, PersonId};
use crate::watch::roster::Wish;
use crate::watch::signal::{Kind, Value};
use crate::watch::suppression::{Request, Suppression, Which};
use crate::watch::time::Utc;

/// A night that was played.
#[derive(Debug)]
pub struct Played {
    /// What happened, one line each.
    pub transcript: Vec<String>,
    /// What was expected, and is not so.
    pub unmet: Vec<String>,
}

/// The Monday of a scenario that names no date.
const MONDAY: civil::Date = civil::date(2026, 11, 23);
/// A time of day that has passed by less than this is a slip of the pen; else it is tomorrow's.
const SLIP: Duration = Duration::from_secs(12 * 3_600);

/// A scenario that is being played.
pub(super) struct Player<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) folder: &'a Path,
    pub(super) night: Night,
    pub(super) inputs: Vec<(InputName, Kind)>,
    pub(super) day: civil::Date,
    pub(super) messages: BTreeMap<PersonId, ShortMessage>,
    pub(super) heard: u64,
    pub(super) unmet: Vec<String>,
}

/// Plays a scenario; files that it names lie in the folder.
///
/// # Errors
/// Where it cannot be read or its configuration is refused; where the watch is at fault.
pub fn play(name: &str, text: &str, folder: &Path) -> Result<Played, ScenarioError> {
    let scenario = Scenario::read(name, text)?;
    let settings = scenario
        .settings("", folder)?
        .ok_or_else(|| scenario.wrong(1, "there is no configuration"))?;
    let mut day = MONDAY;
    let mut lines = scenario.lines.iter();
    let begins = lines.by_ref().find_map(|line| match line.when {
        When::Date(date) => {
            day = date;
            None
        }
        When::At(time) => Some((line, time)),
        When::After(_) => Some((line, civil::Time::midnight())),
    });
    let Some((first, time)) = begins else {
        return Ok(Played { transcript: Vec::new(), unmet: Vec::new() });
    };
    let zone = settings.site.zone.clone();
    let at = utc(day, time, &zone)
        .ok_or_else(|| scenario.wrong(first.number, "there is no such time"))?;
    let (site, inputs, modems) = taken_apart(settings);
    let night = Night::new(site, modems, at)?;
    let mut player = Player {
        scenario: &scenario,
        folder,
        night,
        inputs,
        day,
        messages: BTreeMap::new(),
        heard: 0,
        unmet: Vec::new(),
    };
    player.line(first)?;
    lines.try_for_each(|line| player.line(line))?;
    Ok(Played { transcript: player.night.transcript().take(), unmet: player.unmet })
}

type Site = Arc<crate::watch::site::Site>;

pub(super) fn taken_apart(settings: Settings) -> (Site, Vec<(InputName, Kind)>, Vec<InputName>) {
    let modems: Vec<InputName> = settings.gsm.iter().map(|modem| modem.name.clone()).collect();
    let gsm = modems.iter().map(|name| (name.clone(), Kind::Gsm));
    let snmp = settings.snmp.iter().map(|receiver| (receiver.name.clone(), Kind::Snmp));
    let contacts = settings.contacts.iter().map(|device| (device.name.clone(), Kind::Contacts));
    let mqtt = settings.mqtt.iter().map(|connection| (connection.name.clone(), Kind::Mqtt));
    let inputs = gsm.chain(snmp).chain(mqtt).chain(contacts).collect();
    (Arc::new(settings.site), inputs, modems)
}

fn utc(day: civil::Date, time: civil::Time, zone: &jiff::tz::TimeZone) -> Option<Utc> {
    Some(Utc::from(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp()))
}

impl Player<'_> {
    fn line(&mut self, line: &Line) -> Result<(), ScenarioError> {
        self.wait(line)?;
        if matches!(line.when, When::Date(_)) {
            return Ok(());
        }
        match &line.act {
            Act::Trap { input, trap, from, fields } => {
                let signal = self.trap(line, input, trap, from, fields)?;
                self.happen(Happening::Signal(signal))
            }
            Act::Traps(traps) => self.traps(line, traps),
            Act::Contact { input, line: contact, state, stands } => {
                let signal = self.contact(line, (input, contact), *state, *stands)?;
                self.happen(Happening::Signal(signal))
            }
            Act::Tests { person, input, line: contact } => {
                let (person, _) = self.person(line, person)?;
                let signal = self.contact(line, (input, contact), Position::Alarm, false)?;
                let account = Arc::from(person.as_str());
                self.happen(Happening::Test(Test { person, account, signal }))
            }
            Act::TestsSms { person, to } => {
                let ((person, _), (to, _)) = (self.person(line, person)?, self.person(line, to)?);
                let account = Arc::from(person.as_str());
                self.happen(Happening::TestSms(TestSms { person, account, to }))
            }
            Act::Message { input, topic, payload, kept } => {
                let signal = self.published(line, input, topic, payload, *kept)?;
                self.happen(Happening::Signal(signal))
            }
            Act::Sms { input, from, text } => {
                let input = self.input(line, input, Kind::Gsm)?;
                let text = self.with_codes(line, text)?;
                let message = self.message(input, from, &text);
                self.happen(Happening::Message(message))
            }
            Act::Answer { person, text } => self.answer(line, person, text),
            Act::Calls { person } => {
                let (_, phone) = self.person(line, person)?;
                let by = self.modem(line)?;
                let caller = phone.map(|phone| Arc::from(phone.as_str()));
                self.happen(Happening::Call(Call { by, caller }))
            }
            Act::Again { person } => {
                let (person, _) = self.person(line, person)?;
                let message = self.messages.get(&person).cloned();
                let message = message
                    .ok_or_else(|| self.wrong(line, format!("{person} has sent nothing yet")))?;
                self.happen(Happening::Message(message))
            }
            Act::Takes { person, schedule, lasting } => {
                let (person, _) = self.person(line, person)?;
                let account = Arc::from(person.as_str());
                let (schedule, lasting) = (Arc::from(schedule.as_str()), *lasting);
                self.happen(Happening::Rostering(Wish { person, account, schedule, lasting }))
            }
            Act::Types { person, action, target } => {
                let (person, _) = self.person(line, person)?;
                let target = self.target(line, target)?;
                let account = Arc::from(person.as_str());
                self.happen(Happening::Command(Command {
                    person,
                    account,
                    action: *action,
                    target,
                }))
            }
            Act::Swaps { person, group, lasting } => {
                let (person, _) = self.person(line, person)?;
                let account = Arc::from(person.as_str());
                let (group, lasting) = (Arc::from(group.as_str()), *lasting);
                self.happen(Happening::Swap(SwapRequest { person, account, group, lasting }))
            }
            Act::Quietens { person, which, wish } => {
                let (person, _) = self.person(line, person)?;
                let which = match which {
                    Named::Open(target) => Which::Open(self.target(line, target)?),
                    Named::Alarm(which) => which.clone(),
                };
                let account = Arc::from(person.as_str());
                let request = Request { person, account, which, wish: wish.clone() };
                self.happen(Happening::Quieten(request))
            }
            Act::Network(becomes) => self.network(line, becomes),
            Act::House(becomes) => self.house(line, becomes),
            Act::Finds(own) => self.happen(Happening::Own(own.clone())),
            Act::Expect(expected) => {
                self.expect(line, expected);
                Ok(())
            }
            Act::End => Ok(()),
        }
    }

    /// The night goes on until the line's time.
    fn wait(&mut self, line: &Line) -> Result<(), ScenarioError> {
        let now = self.night.now();
        let length = match line.when {
            When::Date(date) => {
                self.day = date;
                return Ok(());
            }
            When::After(length) => length,
            When::At(time) => {
                let zone = self.night.watch().site().zone.clone();
                let wrong = || self.wrong(line, "there is no such time");
                let mut at = utc(self.day, time, &zone).ok_or_else(wrong)?;
                if at.until(now.utc) >= SLIP {
                    let next = self.day.tomorrow().map_err(|_| wrong())?;
                    at = utc(next, time, &zone).ok_or_else(wrong)?;
                    self.day = next;
                }
                if at < now.utc {
                    let local = now.utc.timestamp().to_zoned(zone);
                    return Err(
                        self.wrong(line, format!("it is {} already", local.strftime("%H:%M:%S")))
                    );
                }
                now.utc.until(at)
            }
        };
        self.night.until(now.mono.after(length))?;
        Ok(())
    }

    pub(super) fn happen(&mut self, happening: Happening) -> Result<(), ScenarioError> {
        self.night.happen(happening)?;
        Ok(())
    }

    /// One trap after the other, evenly over the time.
    fn traps(&mut self, line: &Line, traps: &Traps) -> Result<(), ScenarioError> {
        let Traps { input, trap, from, over, counted: (name, numbers), fields } = traps;
        let many = u32::try_from(numbers.clone().count()).unwrap_or(u32::MAX);
        let gap = over.checked_div(many).unwrap_or_default();
        for number in numbers.clone() {
            let mut all = vec![(name.clone(), Value::Int(number))];
            all.extend(fields.iter().cloned());
            let signal = self.trap(line, input, trap, from, &all)?;
            self.happen(Happening::Signal(signal))?;
            let next = self.night.now().mono.after(gap);
            self.night.until(next)?;
        }
        Ok(())
    }

    pub(super) fn say(&mut self, words: String) {
        let at = self.night.now().utc;
        self.night.transcript().say(at, words);
    }

    /// The modem that people reach.
    fn modem(&self, line: &Line) -> Result<InputName, ScenarioError> {
        let modem = self.inputs.iter().find(|(_, kind)| *kind == Kind::Gsm);
        let modem = modem.map(|(name, _)| name.clone());
        modem.ok_or_else(|| self.wrong(line, "no modem is configured"))
    }

    fn answer(&mut self, line: &Line, person: &str, text: &str) -> Result<(), ScenarioError> {
        let (person, phone) = self.person(line, person)?;
        let phone = phone.ok_or_else(|| self.wrong(line, format!("{person} has no phone")))?;
        let modem = self.modem(line)?;
        let text = self.with_codes(line, text)?;
        let message = self.message(modem, phone.as_str(), &text);
        self.messages.insert(person, message.clone());
        self.happen(Happening::Message(message))
    }

    fn network(&mut self, line: &Line, becomes: &OfNetwork) -> Result<(), ScenarioError> {
        let now = self.night.now().mono;
        match becomes {
            OfNetwork::Modem { input, up } => {
                self.say(format!("modem {input} is {}", if *up { "back" } else { "silent" }));
                let heard = self.night.network.set_modem(input, *up);
                let heard = heard
                    .ok_or_else(|| self.wrong(line, format!("no modem is called `{input}`")))?;
                for happening in heard {
                    self.happen(happening)?;
                }
            }
            OfNetwork::Pace { input, pace } => {
                let known = self.night.network.set_pace(input, *pace);
                known.ok_or_else(|| self.wrong(line, format!("no modem is called `{input}`")))?;
                self.say(format!("modem {input} takes {} for one SMS", length(*pace)));
            }
            OfNetwork::Refused { person, refused } => {
                let phone = self.phone(line, person)?;
                self.night.network.set_refused(phone, *refused);
                self.say(format!(
                    "the network {} SMS to {person}",
                    if *refused { "refuses" } else { "takes" }
                ));
            }
            OfNetwork::GivesUp { person } => {
                let phone = self.phone(line, person)?;
                self.say(format!("the network gives up its SMS to {person}"));
                self.night.network.give_up(&phone, now);
            }
            OfNetwork::Phone { person, off } => {
                let phone = self.phone(line, person)?;
                self.night.network.set_off(phone, *off, now);
                self.say(format!("{person}'s phone is {}", if *off { "off" } else { "on" }));
            }
        }
        self.night.settle()?;
        Ok(())
    }

    fn house(&mut self, line: &Line, becomes: &OfHouse) -> Result<(), ScenarioError> {
        match becomes {
            OfHouse::Away { down, in_order } => {
                let what = if *in_order { "restart" } else { "power cut" };
                self.say(format!("{what}: Vigie is away for {}", length(*down)));
                self.night.restart(*down, *in_order)?;
            }
            OfHouse::Clock { later, by } => {
                self.say(format!(
                    "the clock jumps {}{}",
                    if *later { '+' } else { '-' },
                    length(*by)
                ));
                self.set_clock(*later, *by)?;
            }
            OfHouse::Reload { section } => self.reload(line, section)?,
        }
        Ok(())
    }

    fn expect(&mut self, line: &Line, expected: &Expected) {
        let state = self.night.watch().state();
        let unmet = match expected {
            Expected::NothingStands => {
                let standing: Vec<String> = state.standing().map(|(alarm, _)| tag(alarm)).collect();
                (!standing.is_empty())
                    .then(|| format!("nothing should stand, but {} does", standing.join(", ")))
            }
            Expected::State { alarm, state: wanted } => {
                let known = state.alarms().find(|known| tag(known) == *alarm);
                let found = known.map_or("normal", |known| known.state().as_str());
                (found != wanted).then(|| format!("{alarm} should be {wanted}, but is {found}"))
            }
            Expected::Kept { alarm, suppression: wanted } => {
                let known = state.alarms().find(|known| tag(known) == *alarm);
                let found = known.map_or(Suppression::None, |known| state.suppression(known));
                let found = found.as_str();
                (found != wanted).then(|| format!("{alarm} should be {wanted}, but is {found}"))
            }
            Expected::Unclaimed(wanted) => {
                let found = state.unclaimed().count();
                (found != *wanted)
                    .then(|| format!("{wanted} unclaimed groups should be known, but {found} are"))
            }
        };
        if let Some(unmet) = unmet {
            self.say(format!("NOT AS EXPECTED: {unmet}"));
            self.unmet.push(format!("{}:{}: {unmet}", self.scenario.name, line.number));
        }
    }

    pub(super) fn wrong(&self, line: &Line, problem: impl Into<String>) -> ScenarioError {
        self.scenario.wrong(line.number, problem)
    }
}
