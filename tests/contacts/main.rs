//! The adapter of dry contacts against real boards (pymodbus, over TCP and over a serial line of socat's) and
//! against one that answers late, wrongly or not at all.

#![cfg(test)]

mod board;
#[path = "../counterparts/modbus_board.rs"]
mod counterpart;
mod faults;
mod house;
mod latches;
mod late_on_the_line;
mod outputs;
mod scripted;
mod serial_line;
mod shared_line;
