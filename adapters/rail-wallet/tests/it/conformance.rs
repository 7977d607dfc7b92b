//! The suite that every rail passes, once for each wallet.

mod alipay;
mod octopus;
mod payme;
mod wechat;

use epay_rail::{Decoded, Inbound};
use jiff::Timestamp;

use crate::support;

#[test]
fn a_settlement_file_says_the_same_as_the_message() {
    let wallets = [
        ("alipay", support::alipay()),
        ("octopus", support::octopus()),
        ("payme", support::payme()),
        ("wechat", support::wechat()),
    ];
    for (name, rail) in wallets {
        for file in ["settlement", "settlement-short", "settlement-cut"] {
            let path = format!(
                "{}/tests/golden/{name}/{file}.txt",
                env!("CARGO_MANIFEST_DIR")
            );
            let bytes = std::fs::read(path).unwrap();
            let told = rail.decode(&Inbound::notice(&bytes, Timestamp::UNIX_EPOCH));
            let mut reader = rail.open_file(Timestamp::UNIX_EPOCH).unwrap();
            let mut decoded = Decoded::default();
            for piece in bytes.chunks(37) {
                reader.feed(piece, &mut decoded).unwrap();
            }
            let read = reader.end(&mut decoded).map(|()| decoded);
            assert_eq!(read, told, "{name} {file}");
        }
    }
}
