//! What the dialogue promises, tried against the simulated modem in virtual time.

mod asking;
mod calling;
mod day;
#[path = "../dice/mod.rs"]
mod dice;
mod failing;
mod hostile;
mod night;
mod noise;
mod receiving;
mod recorded;
mod script;
mod sending;
mod starting;
