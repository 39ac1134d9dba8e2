//! What templates read.
