//! What is not gRPC: JSON over HTTP, problems, pages for people, health, and the doors for rails and for channels of messages.

pub(crate) mod bills;
pub(crate) mod docs;
pub(crate) mod forms;
pub(crate) mod health;
pub(crate) mod problem;
pub(crate) mod rails;
pub(crate) mod receipts;
pub(crate) mod rest;
