//! A second writing of a pair, slow and obvious, beside the crate's: fed with edges in time and in bulk, and with readings.

use crate::dice::Dice;
use crate::{debounce, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Edge, Half, Level, Pair, PairRule};

const NIGHTS: usize = 2000;
const LENGTH: u64 = 200;

/// The levels of the make and of the break contact in one millisecond.
type Levels = (Level, Level);

fn word((make, brk): Levels) -> &'static str {
    match (make, brk) {
        (Open, Closed) => "normal",
        (Closed, Open) => "alarm",
        (Closed, Closed) => "fault: discrepancy, both closed",
        (Open, Open) => "fault: discrepancy, both open",
    }
}

/// One half moves at a time, as edges do.
fn thrown_night(dice: &mut Dice) -> Vec<Levels> {
    let mut night = Vec::new();
    let (mut make, mut brk) =
        *dice.choose(&[(Open, Closed), (Closed, Open), (Open, Open), (Closed, Closed)]);
    for _ in 0..LENGTH {
        night.push((make, brk));
        let throws = *dice.choose(&[3, 15, 40]);
        if dice.one_in(throws) {
            let half = if dice.one_in(2) { &mut make } else { &mut brk };
            *half = half.opposite();
        }
    }
    night
}

/// What is to be told of a night.
fn expected(night: &[Levels], debounce: u64, discrepancy: u64) -> Vec<String> {
    let is_fault = |(make, brk): Levels| make == brk;
    let mut all = Vec::new();
    let mut counting: Option<Levels> = None;
    let mut since = 0;
    let mut before: Option<Levels> = None;
    for (now, levels) in (0..).zip(night.iter().copied()) {
        let mut look = |levels: Levels, since: u64, counting: &mut Option<Levels>| {
            let wait = if is_fault(levels) { discrepancy } else { debounce };
            if *counting != Some(levels) && now - since >= wait {
                let what = if counting.is_none() { "initial" } else { "changed" };
                all.push(format!("{since} {what}: {}", word(levels)));
                *counting = Some(levels);
            }
        };
        if let Some(before) = before {
            look(before, since, &mut counting);
            let one_fault = is_fault(before)
                && is_fault(levels)
                && counting != Some(before)
                && counting != Some(levels);
            if levels != before && !one_fault {
                since = now;
            }
        }
        look(levels, since, &mut counting);
        before = Some(levels);
    }
    all
}

fn valve(bounce: u64, discrepancy: u64) -> Contact<Pair> {
    let rule = PairRule::new(Open, ms(discrepancy)).expect("it has time");
    Contact::pair(rule, debounce(bounce))
}

fn edges(night: &[Levels]) -> Vec<(Half, Edge)> {
    let mut edges = Vec::new();
    for (at, (before, after)) in (1..).zip(night.iter().zip(night.iter().skip(1))) {
        let edge = |level| Edge { level, at: ms(at), sequence: None };
        if before.0 != after.0 {
            edges.push((Half::Make, edge(after.0)));
        }
        if before.1 != after.1 {
            edges.push((Half::Break, edge(after.1)));
        }
    }
    edges
}

#[test]
fn a_pair_tells_what_a_slow_look_at_the_whole_night_tells() {
    let mut dice = Dice::new();
    for _ in 0..NIGHTS {
        let (bounce, discrepancy) = (dice.below(10), 1 + dice.below(20));
        let night = thrown_night(&mut dice);
        let expected = expected(&night, bounce, discrepancy);
        let (make, brk) = *night.first().expect("a night is long");
        let end = ms(LENGTH - 1);

        let mut read = valve(bounce, discrepancy);
        let readings: Vec<String> = (0..)
            .zip(&night)
            .flat_map(|(now, levels)| {
                // What has held until now is known to have held: a reading a millisecond.
                let mut all = told(&read.pass(ms(now)));
                all.extend(told(&read.read(levels.0, levels.1, ms(now))));
                all
            })
            .collect();
        assert_eq!(readings, expected, "{bounce} {discrepancy} {night:?}");

        let mut late = valve(bounce, discrepancy);
        let mut bulk = told(&late.read(make, brk, ms(0)));
        for (half, edge) in edges(&night) {
            bulk.extend(told(&late.edge(half, edge, end)));
        }
        bulk.extend(told(&late.pass(end)));
        assert_eq!(bulk, expected, "{bounce} {discrepancy} {night:?}");

        let mut prompt = valve(bounce, discrepancy);
        let mut in_time = told(&prompt.read(make, brk, ms(0)));
        let mut edges = edges(&night).into_iter().peekable();
        for now in (0..LENGTH).map(ms) {
            while let Some((half, edge)) = edges.next_if(|(_, edge)| edge.at <= now) {
                in_time.extend(told(&prompt.edge(half, edge, now)));
            }
            in_time.extend(told(&prompt.pass(now)));
        }
        assert_eq!(in_time, expected, "{bounce} {discrepancy} {night:?}");
    }
}
