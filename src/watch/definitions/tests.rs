//! Which definitions concern a signal.
