//! What the levels, edges and analogue values of a device say about its dry contacts, and what its sirens and lamps show.
//!
//! A [`Contact`] is fed with what a GPIO line, the control line of a serial port or a Modbus board shows, and with time; it tells
//! [`Report`]s. There are three: one line ([`Contact::single`]), an antivalent pair of lines ([`Contact::pair`]), and a loop with
//! end-of-line resistors that is read as a number ([`Contact::supervised`]). A [`Counter`] makes increments of the readings of a
//! board's register. Nothing here opens a device, reads a clock or knows anything of Vigie; a delay, an alarm and who is called
//! for it are the business of others.
//!
//! The other way round an [`Annunciator`] says when a siren sounds and a lamp is lit.
//!
//! The order is always the same: raw level, position (`normally`), agreeing readings, debounce or minimum pulse, chatter, report.
//!
//! The owner hands in what he knows in its order, with [`read`](Contact::read) and the like, sleeps until [`due`](Contact::due) and
//! calls [`pass`](Contact::pass), with a time up to which he has seen everything: edges that wait come *before*, since what was told
//! stays told. What comes otherwise is put right as far as it can be: an edge that is handed in after a reading that showed it, or that
//! showed nothing of it, counts from its own time, and a reading does not tell a return that it shows to be interrupted. Whatever
//! comes in, in whatever order and at whatever time, nothing here panics or grows; a time that is earlier than the last movement counts
//! as that, a time stamp from the future as now.
//!
//! # Decision (2026-11-27): in doubt, it is an alarm
//!
//! A contact in a fault is not known to be in its normal position: [`State::is_alarm`] is then true, and [`State::is_closed`] says
//! what it says in an alarm. Else a wire that is cut while an alarm stands would make it return, and a definition that looks at
//! `alarm` or `closed` alone would never hear of the cut. Rejected: three-valued fields, of which every expression would have to think.
//!
//! # Decision (2026-11-27): the minimum pulse is the wait of the alarm position
//!
//! An alarm counts once it has held for the minimum pulse, and if none is given, for the debounce; everything else counts once it has
//! held for the debounce. So a pulse that is long enough counts whether or not it is over when its edges are read, and a return
//! that is interrupted is no return. A pulse *back to normal* is never told by its length: it spares nobody anything.
//! Rejected: waiting for the end of a pulse that is known to count already.
//!
//! # Decision (2026-11-27): the first state holds like any other
//!
//! The first state, and that after a loss, counts once it has held for its debounce, and on a polled device once two readings agree:
//! a board that answers before it has scanned its inputs would call for each of them. What was waiting stays unknown for so long.
//!
//! # Decision (2026-11-27): on a polled device a wait ends with a reading
//!
//! Between two readings nobody knows that a level has held. So of a device that tells no edges ([`Rules::polled`]) a level counts with
//! the first reading at or after the end of its wait that shows it still; a wait of zero ends with the reading that began it. Rejected:
//! letting time end the wait, by which one reading that catches a valve between its contacts is a fault.
//!
//! # Decision (2026-11-27): readings agree, whatever they say
//!
//! With two agreeing readings asked for, a false reading can neither raise an alarm nor end one, nor give the first state. Latches
//! and counters are believed at once: what is cleared by being read cannot be read twice.
//!
//! # Decision (2026-11-27): a contact that finds no rest chatters too
//!
//! A contact that bounces faster than the debounce for ever would never be told. With a [`ChatterRule`], moving for a whole window
//! without holding any level long enough begins chattering as more than so many changes do; and so does moving more than so many times
//! for twenty debounces, five seconds at most, without holding any for the debounce. If it never had a state, it is in doubt an alarm.
//! So each contact should have a rule. Whatever moves begins the quiet time anew, whether or not it comes to count.
//!
//! # Decision (2026-11-27): a pulse that a board has latched or counted is long enough
//!
//! A latch and a counter know no lengths, but the board has a filter of its own. Whatever they saw and no reading of the level showed is
//! an alarm, told with the number of pulses, which returns after the debounce. Rejected: dropping them where a minimum pulse is given.
//! An alarm that the level shows while its latch is set counts at once, for the same reason: at the next reading it may be over.
//! Where a board counts both edges, half a pulse is one: the other edge is still to come.
//!
//! # Decision (2026-11-27): what a serial port counts are movements, and no pulses
//!
//! A serial port counts whatever moves (`TIOCGICOUNT`), the bounces of a door too. Movements that no reading showed
//! ([`CounterRule::movements`]) begin the wait anew, since the level did not hold, and go on to chattering. They are pulses only where a
//! minimum pulse of zero says that the shortest one counts.
//!
//! # Decision (2026-11-27): a latch is one pulse until it is seen clear
//!
//! A board holds one bit, which says nothing of how many pulses there were, nor when. From being set until a reading shows it clear
//! it is one pulse, so that a latch which nobody can clear is told once. One that is found set at the start is a pulse too: it was set
//! while nobody looked, which is what a latch is for. Rejected: taking it for old news, by which every pulse of a restart would be lost.
//!
//! # Decision (2026-11-27): what a counter counted across a restart is unknown
//!
//! A counter that fell by more than a wrap explains, or rose by more than is plausible, says nothing about pulses: a board that scans a
//! closed contact for the first time may count one, and a board that was exchanged stands anywhere. It is told as edges lost, and the
//! next reading counts from there. Rejected: counting the new value from zero, which may be a call after each power cut, for nothing.

mod annunciator;
mod became;
mod chatter;
mod contact;
mod counter;
mod latch;
mod pair;
mod point;
mod report;
mod rule_error;
mod rules;
mod seen;
mod sequence;
mod single;
mod state;
mod supervised;

use std::time::Duration;

pub use annunciator::{Annunciator, Demand, ShowRule, Showing};
pub use became::Became;
pub use chatter::{ChatterRule, MOST_CHANGES};
pub use contact::Contact;
pub use counter::{Counted, Counter, CounterRule, Counts, Width};
pub use latch::{Latch, Latched};
pub use pair::{Half, Pair, PairRule};
pub use report::{Outcome, Report};
pub use rule_error::RuleError;
pub use rules::Rules;
pub use sequence::Edge;
pub use single::Single;
pub use state::{Fault, Level, State};
pub use supervised::{Band, Loop, LoopRule, Meaning};

/// Time since an arbitrary origin that stays the same, handed in by the caller; never read here.
pub type Instant = Duration;
