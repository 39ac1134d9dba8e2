//! Expressions as operators write them, and as attackers do.
