//! What the sandbox contract promises about frames, seen from outside.

mod frame;
mod greeting;
