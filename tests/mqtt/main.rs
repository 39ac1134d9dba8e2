//! The connection to a broker against a real one (Mosquitto) and a scripted one, over loop-back.

#![cfg(test)]

mod faults;
mod house;
mod messages;
mod mosquitto;
mod scripted;
mod sessions;
mod sparkplug;
#[path = "../counterparts/sparkplug_node.rs"]
mod station;
mod tls;
mod trouble;
#[path = "../waiting/mod.rs"]
mod waiting;
