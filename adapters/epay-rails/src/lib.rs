//! The only list of rails: one line each.
