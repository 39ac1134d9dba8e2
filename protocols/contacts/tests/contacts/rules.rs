//! Rules that cannot be kept are refused, with a sentence that says why.

use crate::{debounce, ms};
use vigie_contacts::Level::Closed;
use vigie_contacts::{
    Band, ChatterRule, CounterRule, Counts, LoopRule, Meaning, PairRule, RuleError, Width,
};

fn refused<T: std::fmt::Debug>(rule: Result<T, RuleError>) -> String {
    rule.expect_err("it cannot be kept").to_string()
}

fn band(meaning: Meaning, from: f64, to: f64) -> Band {
    Band { meaning, from, to }
}

fn bands(bands: &[Band], hysteresis: f64) -> Result<LoopRule, RuleError> {
    LoopRule::new(Closed, bands.to_vec(), hysteresis)
}

#[test]
fn a_contact_needs_readings() {
    assert_eq!(refused(debounce(0).with_agreeing(0)), "at least one reading must agree");
    assert!(debounce(0).with_agreeing(1).is_ok());
}

#[test]
fn a_pair_needs_time_to_move() {
    assert_eq!(
        refused(PairRule::new(Closed, ms(0))),
        "a pair needs time to pass from one state to the other: a discrepancy time of zero makes each passage a fault"
    );
    assert!(PairRule::new(Closed, ms(1)).is_ok());
}

#[test]
fn chattering_needs_changes_a_window_and_a_quiet_time() {
    let rule = |changes, window, quiet| ChatterRule::new(changes, ms(window), ms(quiet));
    assert_eq!(
        refused(rule(0, 1, 1)),
        "chattering begins after 1 to 1000 changes, 0 are asked for"
    );
    assert_eq!(
        refused(rule(1001, 1, 1)),
        "chattering begins after 1 to 1000 changes, 1001 are asked for"
    );
    assert_eq!(refused(rule(1, 0, 1)), "the window within which changes are counted is zero");
    assert_eq!(refused(rule(1, 1, 0)), "chattering would end at once: the quiet time is zero");
    assert!(rule(1, 1, 1).is_ok() && rule(1000, 1, 1).is_ok());
}

#[test]
fn a_loop_needs_one_normal_band_among_two_to_four() {
    let normal = band(Meaning::Normal, 0.0, 1.0);
    let alarm = band(Meaning::Alarm, 2.0, 3.0);
    assert_eq!(refused(bands(&[], 0.0)), "a supervised loop has 2 to 4 bands, this one has 0");
    assert_eq!(
        refused(bands(&[normal], 0.0)),
        "a supervised loop has 2 to 4 bands, this one has 1"
    );
    assert_eq!(
        refused(bands(&[normal; 5], 0.0)),
        "a supervised loop has 2 to 4 bands, this one has 5"
    );
    assert_eq!(
        refused(bands(&[alarm, alarm], 0.0)),
        "exactly one band of a loop is the normal one, here 0 are"
    );
    assert_eq!(
        refused(bands(&[normal, normal], 0.0)),
        "exactly one band of a loop is the normal one, here 2 are"
    );
    assert!(bands(&[alarm, normal], 0.0).is_ok());
}

#[test]
fn bands_hold_values_and_do_not_overlap_by_the_smallest_step() {
    let normal = band(Meaning::Normal, 100.0, 200.0);
    for (from, to) in
        [(5.0, 5.0), (6.0, 5.0), (f64::NAN, 5.0), (5.0, f64::NAN), (f64::INFINITY, f64::INFINITY)]
    {
        let text = refused(bands(&[normal, band(Meaning::Alarm, from, to)], 0.0));
        assert!(text.ends_with("holds no value"), "{text}");
    }
    assert!(
        bands(&[normal, band(Meaning::Alarm, 200.0, 300.0)], 0.0).is_ok(),
        "a border is shared"
    );
    assert_eq!(
        refused(bands(&[band(Meaning::Alarm, 200.0_f64.next_down(), 300.0), normal], 0.0)),
        "the bands `normal` (100 to 200) and `alarm` (199.99999999999997 to 300) overlap"
    );
    let around = band(Meaning::Cut, f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(
        refused(bands(&[normal, around], 0.0)),
        "the bands `cut` (-inf to inf) and `normal` (100 to 200) overlap"
    );
}

#[test]
fn a_hysteresis_leaves_something_of_the_normal_band() {
    let pair = [band(Meaning::Normal, 100.0, 200.0), band(Meaning::Alarm, 200.0, 250.0)];
    for hysteresis in [-1.0, f64::NAN, f64::INFINITY] {
        let text = refused(bands(&pair, hysteresis));
        assert_eq!(text, format!("a hysteresis is zero or more, {hysteresis} is neither"));
    }
    assert_eq!(
        refused(bands(&pair, 50.0)),
        "a hysteresis of 50 takes up half of the band `normal` (100 to 200) or more"
    );
    assert!(bands(&pair, 50.0_f64.next_down()).is_ok());
}

#[test]
fn a_counter_that_could_hide_its_restarts_is_refused() {
    let running = |width, most| CounterRule::running(width, Counts::Closings, most);
    assert_eq!(
        refused(running(Width::Bits16, 0)),
        "a counter that may rise by zero counts nothing"
    );
    assert_eq!(
        refused(running(Width::Bits16, 0x8000)),
        "a counter that may rise by 32768 between two readings hides its own restarts: 32767 at most"
    );
    assert!(running(Width::Bits16, 0x7FFF).is_ok());
    assert!(running(Width::Bits32, 0x7FFF_FFFF).is_ok());
    assert!(running(Width::Bits32, 0x8000_0000).is_err());
    assert!(CounterRule::cleared_on_read(Counts::Both, 0).is_err());
    assert!(CounterRule::cleared_on_read(Counts::Both, u32::MAX).is_ok());
}
