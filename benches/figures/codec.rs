//! What the codec of short messages does in one thread: a modem carries one message in two seconds, so that anything
//! is fast enough; the figures are here so that a change that makes it a thousand times slower shows.

use std::hint::black_box;
use std::time::Instant;

use vigie_gsm::alphabet::Encoding;
use vigie_gsm::concatenation::{Width, split};
use vigie_gsm::pdu::{Deliver, Incoming, Submit, TimeStamp};

use crate::table::{Table, Wanted};

const MANY: u32 = 200_000;

pub(crate) fn measure(table: &mut Table) {
    table.heading("Short messages of 160 characters in one thread, a second");
    let text = "Chambre froide 3, quai nord: 12.5 C depuis 03:12, porte ouverte. ".repeat(3);
    let text: String = text.chars().take(160).collect();
    let part = split(&text, Encoding::Gsm7, 7, Width::Octet).remove(0);
    let submit = Submit::new("+33612345678".parse().expect("a number"), part.clone());
    table.row("encoded (SMS-SUBMIT)", rate(|| submit.encode().is_ok()), Wanted::Nothing);
    let time = TimeStamp::from_unix(1_790_000_000, 8).expect("a time");
    let deliver = Deliver::new("+33612345678".parse().expect("a number"), time, part);
    let octets = deliver.encode().expect("it fits").bytes;
    table.row("decoded (SMS-DELIVER)", rate(|| Incoming::decode(&octets).is_ok()), Wanted::Nothing);
}

fn rate(one: impl Fn() -> bool) -> f64 {
    let began = Instant::now();
    for _ in 0..MANY {
        assert!(black_box(one()), "it is a good message");
    }
    f64::from(MANY) / began.elapsed().as_secs_f64()
}
