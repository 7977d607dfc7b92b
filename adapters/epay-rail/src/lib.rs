//! The contract every payment rail fulfils: orders, reports, findings, profile; no IO.
