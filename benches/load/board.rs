//! A Modbus board whose inputs follow a script: each answer shows the next step of it, so that what was shown is known exactly.
//!
//! Calm inputs hold each level for as many readings as count; bouncing ones flip back before they would; chattering ones hold
//! what they show and never rest. After the script all are still.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many inputs of each manner.
pub(crate) const CALM: u64 = 60;
pub(crate) const BOUNCING: u64 = 20;
pub(crate) const CHATTERING: u64 = 20;
const ALL: u64 = CALM + BOUNCING + CHATTERING;
/// So many edges each of them has.
pub(crate) const EDGES: u64 = 100;
/// The script begins after so many answers: what is found at the start has counted by then.
const STILL: u64 = 50;
/// A calm or chattering input shows a level in so many answers.
const HELD: u64 = 10;

/// A board; its threads end with the bench.
pub(crate) struct Board {
    pub(crate) port: u16,
    answers: Arc<AtomicU64>,
    edges: Arc<AtomicU64>,
}

impl Board {
    pub(crate) fn wired() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let (answers, edges) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let own = (Arc::clone(&answers), Arc::clone(&edges));
        std::thread::spawn(move || {
            let mut shown = vec![false; ALL as usize];
            while let Ok((stream, _)) = listener.accept() {
                answer(stream, &mut shown, &own.0, &own.1);
            }
        });
        Self { port, answers, edges }
    }

    /// Whether the script is over.
    pub(crate) fn is_still(&self) -> bool {
        self.answers.load(Ordering::SeqCst) > STILL + HELD * EDGES + HELD
    }

    /// How many edges it has shown.
    pub(crate) fn edges(&self) -> u64 {
        self.edges.load(Ordering::SeqCst)
    }
}

/// What an input shows in this answer.
fn level(input: u64, answer: u64) -> bool {
    let Some(step) = answer.checked_sub(STILL) else { return false };
    let steps = if input < CALM || input >= CALM + BOUNCING {
        step / HELD
    } else {
        // Every other answer of a short while, then rest.
        let (round, place) = (step / (2 * HELD), step % (2 * HELD));
        2 * round + u64::from(place >= 1) + u64::from(place >= 2)
    };
    steps.min(EDGES) % 2 == 1
}

/// Answers whoever asks for coils (function 1), until there is nobody.
fn answer(mut stream: TcpStream, shown: &mut [bool], answers: &AtomicU64, edges: &AtomicU64) {
    stream.set_nodelay(true).expect("a socket");
    let mut asked = [0; 12];
    while stream.read_exact(&mut asked).is_ok() {
        let first = usize::from(u16::from_be_bytes([asked[8], asked[9]]));
        let many = usize::from(u16::from_be_bytes([asked[10], asked[11]]));
        assert_eq!((asked[7], first, many), (1, 0, ALL as usize), "all of it in one question");
        let turn = answers.fetch_add(1, Ordering::SeqCst);
        let mut bits = vec![0_u8; many.div_ceil(8)];
        for (input, was) in shown.iter_mut().enumerate() {
            let is = level(input as u64, turn);
            if std::mem::replace(was, is) != is {
                edges.fetch_add(1, Ordering::SeqCst);
            }
            bits[input / 8] |= u8::from(is) << (input % 8);
        }
        let length = (bits.len() + 3) as u8;
        let head = [asked[0], asked[1], 0, 0, 0, length, asked[6], 1, bits.len() as u8];
        if stream.write_all(&[&head[..], &bits].concat()).is_err() {
            return;
        }
    }
}
