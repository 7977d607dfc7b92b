//! The suite that every rail passes, for this wallet.

use epay_rail::Collect;

fn order() -> Collect {
    let (method, payee) = crate::support::SAMPLES[1];
    crate::support::collect(method, payee)
}

epay_rail_kit::conformance! {
    open: crate::support::alipay,
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/alipay"),
    codes: rail_wallet::words(rail_wallet::ALIPAY_CODES),
}
