//! The codec against what the world sends: captured octets, known faults, noise, a second reader and the real snmpinform.

#![cfg(test)]

mod captured;
mod dice;
mod hostile;
mod inform;
mod odd_frames;
mod odd_varbinds;
mod second_opinion;
mod support;
mod usm;
