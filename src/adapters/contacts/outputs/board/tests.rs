//! What the outputs of a site show, on a virtual clock.

use super::*;
use crate::adapters::contacts::tests::simulated::settings;
use crate::watch::alarm::OccurrenceNumber;

fn ms(count: u64) -> Mono {
    Mono::from_nanos(count * 1_000_000)
}

const CABINET: &str = "gpio = \"/dev/gpiochip0\"
[contacts.cabinet.outputs.siren]
line = 1
shows = \"unacknowledged\"
at-most = \"10m\"
[contacts.cabinet.outputs.lamp]
line = 2
shows = \"standing\"
blink = \"1s\"
[contacts.cabinet.outputs.life]
line = 3
shows = \"alive\"
";

fn board() -> Board {
    Board::new(settings(CABINET).outputs.iter(), ms(0))
}

/// An alarm that the siren and the lamp show.
fn unacknowledged(alarm: u64, run: u32) -> (AlarmNumber, Option<Counted>) {
    let passage = (OccurrenceNumber(alarm), run);
    (AlarmNumber(alarm), Some(Counted { passage, by: 0b11 }))
}

fn acknowledged(alarm: u64) -> (AlarmNumber, Option<Counted>) {
    let passage = (OccurrenceNumber(alarm), 0);
    (AlarmNumber(alarm), Some(Counted { passage, by: 0b10 }))
}

fn shown(board: &mut Board, at: u64) -> [(OutputState, bool); 3] {
    let signs = board.signs(ms(at)).unwrap().into_iter().map(|sign| (sign.state, sign.on));
    signs.collect::<Vec<_>>().try_into().expect("there are three")
}

use OutputState::{Blinking, Ended, On, Rest, Silenced};

#[test]
fn a_siren_sounds_until_somebody_has_it_and_a_lamp_is_lit_until_it_is_over() {
    let mut board = board();
    assert_eq!(board.signs(ms(0)), None, "a siren that sounds already is not cut short by a start");
    board.take(Vec::new(), true, ms(0));
    assert_eq!(shown(&mut board, 0), [(Rest, false), (Rest, false), (Rest, false)]);
    board.take(vec![unacknowledged(1, 0)], true, ms(10));
    assert_eq!(shown(&mut board, 10), [(On, true), (Blinking, true), (Rest, false)]);
    assert_eq!(shown(&mut board, 1_010)[1], (Blinking, false));
    assert_eq!(board.due(), Some(ms(2_010)));
    board.take(vec![acknowledged(1)], false, ms(1_100));
    assert_eq!(shown(&mut board, 1_100)[..2], [(Rest, false), (Blinking, false)]);
    board.take(vec![(AlarmNumber(1), None)], false, ms(1_200));
    assert_eq!(shown(&mut board, 1_200), [(Rest, false), (Rest, false), (Rest, false)]);
}

#[test]
fn a_silenced_siren_sounds_again_for_what_is_new_and_a_lamp_is_not_silenced() {
    let mut board = board();
    board.take(vec![unacknowledged(1, 0)], true, ms(0));
    board.silence(ms(10));
    assert_eq!(shown(&mut board, 10)[..2], [(Silenced, false), (Blinking, true)]);
    board.take(vec![unacknowledged(1, 0)], false, ms(20));
    assert_eq!(shown(&mut board, 20)[0], (Silenced, false), "a repeat is not new");
    board.take(vec![unacknowledged(1, 1)], false, ms(30));
    assert_eq!(shown(&mut board, 30)[0], (On, true), "its acknowledgement had expired");
    assert_eq!(shown(&mut board, 600_029)[0], (On, true));
    assert_eq!(shown(&mut board, 600_030)[0], (Ended, false));
    board.take(vec![unacknowledged(1, 1), unacknowledged(2, 0)], true, ms(700_000));
    assert_eq!(shown(&mut board, 700_000)[0], (On, true));
}

#[test]
fn a_life_relay_holds_for_ten_seconds_after_each_answer_and_not_a_millisecond_longer() {
    let mut board = board();
    board.take(Vec::new(), true, ms(0));
    board.lives(ms(1_000), true);
    let life = |board: &mut Board, at| shown(board, at)[2].clone();
    assert_eq!(life(&mut board, 1_500), (On, true));
    assert_eq!(
        board.signs(ms(1_500)).unwrap()[2].until,
        Some(ms(11_000)),
        "whoever has it drops it then"
    );
    assert_eq!(board.due(), Some(ms(11_000)));
    assert_eq!(life(&mut board, 10_999), (On, true));
    assert_eq!(life(&mut board, 11_000), (Rest, false));
    assert_eq!(board.due(), None);
    board.lives(ms(20_000), true);
    assert_eq!(life(&mut board, 20_001), (On, true));
    board.lives(ms(22_000), false);
    assert_eq!(life(&mut board, 22_001), (Rest, false), "the store refuses writes");
}
