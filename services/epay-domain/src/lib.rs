//! Bills and payments as pure state machines; no IO.
