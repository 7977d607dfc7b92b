//! Each wallet opened with keys of tests, and the sample collection. The keys in `tests/keys` prove nothing to anybody.

use epay_money::{Money, RailId};
use epay_rail::{Collect, OpenError, Rail};

pub(crate) type Open = fn(&RailId, &str) -> Result<Box<dyn Rail>, OpenError>;

pub(crate) const OURS: &str = include_str!("../keys/ours.pem");
pub(crate) const OURS_PUBLIC: &str = include_str!("../keys/ours.pub.pem");
pub(crate) const PLATFORM: &str = include_str!("../keys/platform.pem");
pub(crate) const PLATFORM_PUBLIC: &str = include_str!("../keys/platform.pub.pem");
pub(crate) const NEXT: &str = include_str!("../keys/platform-next.pem");
pub(crate) const NEXT_PUBLIC: &str = include_str!("../keys/platform-next.pub.pem");
/// 32 bytes each.
pub(crate) const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(crate) const NEXT_SECRET: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
pub(crate) const OTHER_SECRET: &str = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=";
pub(crate) const API_V3_KEY: &str = "TEST-APIv3-key-of-32-characters!";
pub(crate) const NOTIFY: &str = "https://epay.example/rails/wallet/notices";

pub(crate) fn wechat_table() -> String {
    format!(
        "sp_appid = 'wx0000000000000001'\nsp_mchid = '1900000109'\nserial_no = '5157F09EFDC096DE15EBE81A47057A72'\n\
         notify_url = '{NOTIFY}'\napi_v3_key = '{API_V3_KEY}'\nprivate_key = '''\n{OURS}'''\n\
         [platform_keys]\nPUB_KEY_ID_01 = '''\n{PLATFORM_PUBLIC}'''\nPUB_KEY_ID_02 = '''\n{NEXT_PUBLIC}'''\n"
    )
}

pub(crate) fn alipay_table() -> String {
    format!(
        "client_id = 'SANDBOX_5Y0000000000001'\nnotify_url = '{NOTIFY}'\nprivate_key = '''\n{OURS}'''\n\
         [alipay_keys]\n1 = '''\n{PLATFORM_PUBLIC}'''\n2 = '''\n{NEXT_PUBLIC}'''\n"
    )
}

pub(crate) fn payme_table() -> String {
    format!(
        "client_id = 'epay-test'\nclient_secret = 'test-client-secret'\nnotify_url = '{NOTIFY}'\n\
         signing_key_id = 'key-1'\n[signing_keys]\nkey-1 = '{SECRET}'\nkey-2 = '{NEXT_SECRET}'\n"
    )
}

pub(crate) fn octopus_table() -> String {
    format!(
        "url = 'https://octopus.example/v1'\nnotify_url = '{NOTIFY}'\napi_key = 'test-api-key'\n\
         [webhook_secrets]\n2026 = '{SECRET}'\n2027 = '{NEXT_SECRET}'\n"
    )
}

pub(crate) fn opened(open: Open, rail: &str, table: &str) -> Box<dyn Rail> {
    open(&rail.parse().unwrap(), table).unwrap()
}

pub(crate) fn wechat() -> Box<dyn Rail> {
    opened(rail_wallet::open_wechat, "wechat", &wechat_table())
}

pub(crate) fn alipay() -> Box<dyn Rail> {
    opened(rail_wallet::open_alipay, "alipay", &alipay_table())
}

pub(crate) fn payme() -> Box<dyn Rail> {
    opened(rail_wallet::open_payme, "payme", &payme_table())
}

pub(crate) fn octopus() -> Box<dyn Rail> {
    opened(rail_wallet::open_octopus, "octopus", &octopus_table())
}

/// A collection of HK$3,720.00 for a fictitious merchant.
pub(crate) fn collect(method: &str, payee: &str) -> Collect {
    Collect {
        method: method.to_owned(),
        payee: payee.to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: Some("https://epay.example/pay/1".to_owned()),
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

/// The method and the payee of each wallet's sample.
pub(crate) const SAMPLES: [(&str, &str); 4] = [
    ("wechat_pay", "1900000201"),
    ("alipay_hk", "M-RVD-0001"),
    ("payme", "PM-RVD-0001"),
    ("octopus", "OCT-RVD-0001"),
];
