//! What changes for people, in words: each kind of change once, on a small site.

use std::sync::Arc;

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::site::{Files, NONE, SINGLE, person, policy, turns};
use crate::watch::name::{DefinitionName, PolicyName};
use crate::watch::plan::Plan;
use crate::watch::plan::changes::changes;
use crate::watch::schedule::{Override, Schedule};
use crate::watch::site::{Channel, Recipient, Step};
use crate::watch::swap::Swap;
use crate::watch::time::Utc;

const NOW: &str = "2026-11-27T09:00:00Z";

fn at(written: &str) -> Utc {
    Utc::from(written.parse::<jiff::Timestamp>().unwrap())
}

fn weekly(people: &[&str]) -> Schedule {
    turns(people, 7, date(2026, 11, 23).at(8, 0, 0, 0))
}

fn plan() -> Plan {
    let mut files = Files::with(policy(SINGLE));
    let mut ladder = policy(NONE);
    ladder.steps = vec![Step {
        notify: vec![Recipient::Schedule("technique".into())],
        by: vec![Channel::Sms],
        wait: std::time::Duration::from_secs(300),
    }];
    files.policies.insert("duty".into(), Arc::new(ladder));
    let mut plan = Plan::of(&files.site(), at(NOW));
    plan.alarms.insert(DefinitionName::new("door"), Some(PolicyName::new("duty")));
    on_call(&mut plan, &weekly(&["marie", "karim"]));
    plan
}

fn on_call(plan: &mut Plan, schedule: &Schedule) {
    let stretches = schedule.stretches(plan.from, plan.until);
    plan.schedules.insert("technique".into(), stretches);
}

/// What is said of a change of that plan.
fn said(change: impl FnOnce(&mut Plan)) -> Vec<String> {
    let before = plan();
    let mut after = before.clone();
    change(&mut after);
    changes(&before, &after, &TimeZone::UTC)
}

#[test]
fn files_that_say_the_same_change_nothing() {
    assert_eq!(said(|_| {}), Vec::<String>::new());
}

#[test]
fn alarms_that_come_go_and_move_are_told_by_their_ladder() {
    let said = said(|plan| {
        plan.alarms.insert(DefinitionName::new("fan"), None);
        plan.alarms.insert(DefinitionName::new("gate"), Some(PolicyName::new("duty")));
        plan.alarms.remove("door");
        plan.alarms.insert(DefinitionName::new("pump"), Some(PolicyName::new("duty")));
    });
    assert_eq!(
        said,
        [
            "alarm `fan` is new: calls nobody",
            "alarm `gate` is new: called by escalation `duty`",
            "alarm `door` is gone: what stands of it counts as returned, since nothing can say so any more",
            "alarm `pump` is now called by escalation `duty`; before: called by escalation `technique`",
        ]
    );
}

#[test]
fn where_an_alarm_goes_while_its_group_is_swapped_is_told() {
    let swap =
        |escalation: &str| Swap { group: "cold".into(), escalation: PolicyName::new(escalation) };
    let told = said(|plan| {
        plan.swaps.insert(DefinitionName::new("pump"), swap("duty"));
        plan.swaps.insert(DefinitionName::new("new"), swap("duty"));
    });
    assert_eq!(told, ["alarm `pump` is now called by escalation `duty` while `cold` is swapped"]);
    let mut before = plan();
    before.swaps.insert(DefinitionName::new("pump"), swap("duty"));
    let gone = changes(&before, &plan(), &TimeZone::UTC);
    assert_eq!(gone, ["alarm `pump` is now in no swap group any more"]);
    // A ladder that only a swapped alarm climbs concerns it, too.
    let mut after = before.clone();
    after.policies.get_mut("duty").unwrap().repeat = 3;
    let told = changes(&before, &after, &TimeZone::UTC);
    assert_eq!(told, ["escalation `duty`: repeat 3 instead of 0; concerns 2 alarms: door, pump"]);
}

#[test]
fn a_ladder_that_asks_or_calls_otherwise_names_its_alarms() {
    let said = said(|plan| {
        let ladder = plan.policies.get_mut("technique").unwrap();
        ladder.steps[0].notify = vec![Recipient::Group("all".into())];
        ladder.steps[0].wait = std::time::Duration::from_secs(600);
        ladder.steps.pop();
        ladder.repeat = 2;
        ladder.acknowledge = NONE;
        plan.last_resort = Some(PolicyName::new("duty"));
    });
    assert_eq!(
        said,
        [
            "escalation `technique`: step 1 calls group:all instead of person:marie and waits 10m instead of 5m; \
             step 2 is gone, which called person:karim, person:paul; asks for no answer instead of one acknowledgement; \
             repeat 2 instead of 0; concerns alarm `pump`",
            "the last resort is `duty`; before: none",
        ]
    );
}

#[test]
fn another_person_on_call_is_told_with_from_when_and_for_whom() {
    let said_of = |schedule: &Schedule| said(|plan| on_call(plan, schedule));
    assert_eq!(
        said_of(&weekly(&["marie", "paul"])),
        [
            "schedule `technique`: paul instead of karim from Mon 2026-11-30 08:00 until Mon 2026-12-07 08:00, \
          and 25 later differences until Sun 2027-11-28 09:00; concerns alarm `door`"
        ]
    );
    let mut covered = weekly(&["marie", "karim"]);
    let (from, until) = (at("2026-12-24T08:00:00Z"), at("2026-12-26T08:00:00Z"));
    covered.overrides.push(Override { person: person("paul"), from, until });
    assert_eq!(
        said_of(&covered),
        [
            "schedule `technique`: paul instead of marie from Thu 2026-12-24 08:00 until Sat 2026-12-26 08:00; concerns alarm `door`"
        ]
    );
}

#[test]
fn hours_that_nobody_covers_any_more_are_told_apart() {
    let mut ends = weekly(&["marie", "karim"]);
    ends.rotations[0].until = Some(at("2027-11-27T09:00:00Z"));
    assert_eq!(
        said(|plan| on_call(plan, &ends)),
        [
            "schedule `technique`: nobody instead of marie from Sat 2027-11-27 09:00 and for good; concerns alarm `door`",
            "schedule `technique` becomes uncovered from Sat 2027-11-27 09:00 and for good, 24 hours together; concerns alarm `door`",
        ]
    );
}

#[test]
fn people_and_groups_that_change_are_told_without_a_number() {
    let said = said(|plan| {
        plan.people.insert(person("marie"), None);
        plan.people.insert(person("karim"), Some([7; 32]));
        plan.people.insert(person("nadia"), Some([8; 32]));
        let all = plan.groups.get_mut("all").unwrap();
        all.retain(|member| *member != person("paul"));
        all.push(person("lea"));
    });
    assert_eq!(
        said,
        [
            "group `all`: lea joins, paul leaves; concerns no alarm",
            "karim is called at another number",
            "marie has no number any more, and is not called",
            "nadia has a number now, and can be called",
        ]
    );
}

#[test]
fn a_thousand_changes_are_a_hundred_lines() {
    let said = said(|plan| {
        for number in 0..1_000 {
            let name = PolicyName::new(&format!("p{number}"));
            plan.alarms.insert(DefinitionName::new(&format!("a{number}")), Some(name));
        }
    });
    assert_eq!(said.len(), 101);
    assert_eq!(said.last().unwrap(), "and 900 changes besides");
}
