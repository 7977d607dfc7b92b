//! The suite that every rail passes, for this wallet.

use epay_rail::Collect;

fn order() -> Collect {
    let (method, payee) = crate::support::SAMPLES[2];
    crate::support::collect(method, payee)
}

epay_rail_kit::conformance! {
    open: crate::support::payme,
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/payme"),
    codes: rail_wallet::words(rail_wallet::PAYME_CODES),
    kept: "0fa4bc6e-1d4f-4a62-9f50-1b1f6f6a9c01",
}
