//! `vigie contacts watch`: every contact live, while wires are pulled.
//!
//! While a daemon runs, what it sees is shown: the devices are its own. Without one, this command opens those of the
//! files itself, by the very adapter, and says so; it touches no store, clears no latch, and calls nobody. On a screen it is a table,
//! elsewhere and with `--json` a line for each change. What is remembered is bounded, and a slow terminal keeps no daemon
//! waiting: what changed too fast to be shown is counted.

mod screen;
mod seen;
mod source;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::arguments::ContactsWatch;
use super::client::Places;
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::control::contacts::HOLD;
use crate::host::clock::Clock;
use screen::Screen;
use seen::Board;
use source::Source;

/// A table counts the seconds.
const TICK: Duration = Duration::from_secs(1);
/// What changes faster than this is shown together.
const GATHER: Duration = Duration::from_millis(50);

/// Watches until it is interrupted, or until nobody reads any more.
pub(super) fn watch(config: &Path, asked: &ContactsWatch, terminal: &mut Terminal) -> Sysexit {
    let places = Places::of(config);
    let mut source = match Source::open(config, &places.socket, terminal) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    let clock = Clock::new();
    let mut board = Board::of(asked.input.as_deref());
    let mut screen = (terminal.is_screen() && !asked.json).then(Screen::default);
    let hold = if screen.is_some() { TICK } else { HOLD };
    while !terminal.is_closed() {
        let devices: Vec<Value> = match source.look(board.seen(), hold, terminal) {
            Ok(devices) => devices,
            Err(exit) => return exit,
        };
        let now = clock.now().utc;
        let lines = match board.take(&devices, now) {
            Ok(lines) => lines,
            Err(none) => {
                terminal.complain(format_args!("vigie: {none}"));
                return Sysexit::BadInput;
            }
        };
        match &mut screen {
            Some(screen) => screen.draw(&board, lines, &places.time, now, terminal),
            None => {
                for line in lines {
                    let line = if asked.json { line.json() } else { line.words(&places.time) };
                    terminal.line(line);
                }
            }
        }
        // Whoever waits for it may wait at the other end of a pipe.
        let _ = terminal.output().flush();
        std::thread::sleep(GATHER);
    }
    Sysexit::Ok
}
