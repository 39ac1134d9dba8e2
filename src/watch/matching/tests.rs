//! What a `match` selects.
