//! The codec against what the world sends: captured octets, known faults, noise, a second reader and the real snmpinform.

#![cfg(test)]

mod captured;
mod hostile;
mod inform;
mod second_opinion;
mod support;
mod tolerance;
