//! The heart, tried.
