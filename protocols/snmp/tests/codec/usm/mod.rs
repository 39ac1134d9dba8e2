//! SNMPv3 against what others send, and against what nobody may send.

mod hostile;
mod informs;
mod traps;
mod wire;
