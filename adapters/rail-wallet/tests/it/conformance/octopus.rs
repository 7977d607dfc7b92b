//! The suite that every rail passes, for this wallet.

use epay_rail::Collect;

fn order() -> Collect {
    let (method, payee) = crate::support::SAMPLES[3];
    crate::support::collect(method, payee)
}

epay_rail_kit::conformance! {
    open: crate::support::octopus,
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/octopus"),
    codes: rail_wallet::words(rail_wallet::OCTOPUS_CODES),
}
