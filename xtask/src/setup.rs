//! What a fresh machine lacks, installed where that needs no question.
//!
//! As root on a Debian system, packages come by apt. Otherwise the exact command is printed: PostgreSQL, OpenSSH's server
//! and NATS are needed and stop the run;
//! Python, Node and a browser are needed for some steps only, which are then skipped aloud. Everything else goes into the
//! target folder: no file is written outside it but by apt.

mod apt;
mod node;
mod python;
mod rust;

pub(crate) use apt::{fonts, nats_server, postgres, sshd};
pub(crate) use node::{Browser, browser};
pub(crate) use python::{Python, python};
pub(crate) use rust::{cargo_deny, nextest};
