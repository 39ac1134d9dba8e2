//! The heart's tests: every rule of behaviour §2 to §6 as a sentence that an operator would sign,
//! then every state that any history can lead to, then nights at random.

mod acknowledging;
mod busy;
mod calling;
mod conditions;
mod configuring;
mod confirming;
mod conversing;
mod doubting;
mod drills;
mod faults;
mod five_hundred;
mod flapping;
mod gathering;
mod heartbeats;
mod laddering;
mod life_sign;
mod limits;
mod modems;
mod night;
mod nights;
mod ordering;
mod paths;
mod planning;
mod quiet;
mod reports;
mod restarting;
mod rostering;
mod sending;
mod site;
mod speaking;
mod states;
mod storming;
mod swapping;
mod testing;
mod unreached;
