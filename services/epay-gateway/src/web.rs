//! What is not gRPC: JSON over HTTP, problems, pages for people, health, and the door for rails.

pub(crate) mod bills;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod problem;
pub(crate) mod rails;
pub(crate) mod rest;
