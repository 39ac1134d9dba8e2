//! 10,000 edges on the inputs of a Modbus board: 6,000 changes that hold, 2,000 bounces that do not, 2,000 of contacts that chatter.
//!
//! The board's answers follow a script, so that it is known how many edges were shown, whatever the machine is busy with.
//! There is no counterpart in Debian that watches contacts.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::board::{BOUNCING, Board, CALM, CHATTERING, EDGES};
use crate::daemon::House;
use crate::ledger::Ledger;
use crate::record;
use crate::table::{Table, Wanted};
use crate::waiting::{settled, until};

const INPUT: &str = "contacts.cabinet";
/// Longer than a chattering contact has to rest until that is over.
const QUIET: Duration = Duration::from_secs(3);

pub(crate) fn play(table: &mut Table, ledger: &mut Ledger) {
    table.heading("Contacts: 10,000 edges on 100 inputs of a board, polled every 20 ms");
    let board = Board::wired();
    let house = House::built(&tables(board.port));
    let daemon = house.open();
    until("the board is found", || house.is_up(INPUT));
    until("the script is over", || board.is_still());
    let count = |name: &str| house.counters_of(INPUT).get(name).copied().unwrap_or(0);
    let (signals, _) = settled(QUIET, || count("signals"));
    let counters = house.counters_of(INPUT);
    let processor = daemon.program.processor().as_secs_f64();
    daemon.close();
    table.row("Vigie: signals that were recorded", signals as f64, Wanted::Nothing);
    table.row("Vigie: processor seconds", processor, Wanted::Nothing);
    accounts(ledger, &house, board.edges(), &counters);
}

fn tables(port: u16) -> String {
    let mut text = format!(
        "[contacts.cabinet]\nmodbus = \"tcp://127.0.0.1:{port}\"\npoll = \"20ms\"\n\
         [alarms.inputs]\nfrom = [\"{INPUT}\"]\nkey = \"{{line}}\"\nactive = \"alarm\"\ntext = \"Input {{line}}\"\n"
    );
    for input in 0..CALM + BOUNCING + CHATTERING {
        // Others have no bound that they could come to.
        let changes = if input < CALM { 1_000 } else { 6 };
        text.push_str(&format!(
            "[contacts.cabinet.lines.input-{input}]\nline = {input}\nread = \"coil\"\nnormally = \"open\"\ndebounce = \"50ms\"\n\
             chatter = {{ changes = {changes}, window = \"5m\", quiet = \"1s\" }}\n"
        ));
    }
    text
}

fn accounts(ledger: &mut Ledger, house: &House, shown: u64, counters: &BTreeMap<String, u64>) {
    let count = |name: &str| counters.get(name).copied().unwrap_or(0);
    let counted = |names: &'static [&'static str]| {
        names.iter().map(|name| (*name, count(name))).collect::<Vec<_>>()
    };
    ledger.balances("edges that the board showed", shown, &counted(&["edges", "edges_lost"]));
    let became = counted(&["edges_told", "edges_too_short", "edges_in_chatter"]);
    ledger.balances("edges", count("edges"), &became);
    let mut by = BTreeMap::<&str, u64>::new();
    record::each(house, |entry| {
        let Some(signal) = entry.signal(INPUT) else { return };
        *by.entry(manner(signal)).or_default() += 1;
    });
    let stored = |what: &str| by.get(what).copied().unwrap_or(0);
    let told = ["calm", "bouncing", "chattering"].map(|what| (what, stored(what)));
    ledger.balances("edges told", count("edges_told"), &told);
    let entries = ["calm", "bouncing", "chattering", "ends of chattering", "found at the start"];
    ledger.balances("signals", count("signals"), &entries.map(|what| (what, stored(what))));
    ledger.none("changes for which there was no room", count("changes_not_recorded"));
    // By the script.
    ledger.balances("changes that held", CALM * EDGES, &[("stored", stored("calm"))]);
    ledger.balances("bounces", BOUNCING * EDGES, &[("too short", count("edges_too_short"))]);
    let chattered = [("stored", stored("chattering")), ("in chatter", count("edges_in_chatter"))];
    ledger.balances("edges of contacts that chatter", CHATTERING * EDGES, &chattered);
}

/// Of which manner of input a signal is, and what it tells.
fn manner(signal: &serde_json::Value) -> &'static str {
    let line = signal["fields"]["line"].as_str().unwrap_or_default();
    let input: u64 = line.trim_start_matches("input-").parse().expect("our own name");
    let text = signal["text"].as_str().unwrap_or_default();
    if signal["tells"] == "standing" {
        "found at the start"
    } else if text.contains("no longer chattering") {
        "ends of chattering"
    } else if input < CALM {
        "calm"
    } else if input < CALM + BOUNCING {
        "bouncing"
    } else {
        "chattering"
    }
}
