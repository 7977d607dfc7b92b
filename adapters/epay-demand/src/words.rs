//! The words of the page that no department chooses, in both languages.

use epay_money::{Language, Money};
use jiff::civil::Date;

use crate::demand::Bilingual;

/// Words that never change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) chinese: &'static str,
    pub(crate) english: &'static str,
}

const fn words(chinese: &'static str, english: &'static str) -> Words {
    Words { chinese, english }
}

pub(crate) const TITLE: Words = words("繳款通知書", "Demand for payment");
pub(crate) const AMOUNT: Words = words("應繳款額", "Amount payable");
pub(crate) const LAST_DAY: Words = words("最後繳款日期", "Last day for payment");
pub(crate) const NEXT_DAY: Words = words("下一期最後繳款日期", "Last day for the next instalment");
pub(crate) const PARTICULARS: Words = words("事項", "Particulars");
pub(crate) const PARTS: Words = words("綜合帳單各項", "What this consolidated bill is for");
pub(crate) const SHARES: Words = words("款項明細", "What the amount is made of");
pub(crate) const TOTAL: Words = words("總額", "Total");
pub(crate) const PAID: Words = words("已繳款額", "Paid so far");
pub(crate) const REST: Words = words("尚欠款額", "Still to be paid");
pub(crate) const INSTALMENTS: Words = words("分期繳款", "Instalments");
pub(crate) const LATE: Words = words("逾期繳款", "If you pay late");
pub(crate) const HOW: Words = words("繳款方法", "How to pay");
pub(crate) const NOTHING: Words = words(
    "此帳單毋須繳付任何款項。",
    "Nothing is to be paid on this bill.",
);
pub(crate) const SCAN: Words = words(
    "用銀行應用程式或電子錢包掃描繳款單上的二維碼。付款前請核對收款人、號碼及金額。",
    "Scan the code on the slip with your bank's app or your e-wallet. Before you confirm, check the payee, the number and the amount.",
);
pub(crate) const IN_PARTS: Words = words(
    "可分多次繳付：付款時更改金額即可。",
    "You may pay in parts: change the amount as you pay.",
);
pub(crate) const EXACT: Words = words(
    "只接受與應繳款額相同的金額；金額不符，帳單不會視為已繳。",
    "Only the exact amount pays this bill; any other amount leaves it unpaid.",
);
pub(crate) const IN_TIME: Words = words(
    "在最後繳款日期當日完結前（香港時間）發出付款指示，即屬準時繳款。",
    "A payment is in time when it is instructed by the end of the last day for payment, Hong Kong time.",
);
pub(crate) const SLIP: Words = words("繳款單", "Payment slip");
pub(crate) const PAYEE: Words = words("收款人", "Payee");
pub(crate) const CAPTION: Words = words("掃描付款", "Scan to pay");

impl From<Words> for Bilingual {
    fn from(words: Words) -> Self {
        Self::new(words.chinese, words.english)
    }
}

/// `2026年1月30日` and `30 January 2026`.
pub(crate) fn date(day: Date) -> Bilingual {
    Bilingual {
        chinese: Language::Traditional.date(day),
        english: Language::English.date(day),
    }
}

/// `$3,720.00`: in columns, where the head of the page has named the currency.
pub(crate) fn figure(amount: Money) -> String {
    Language::English.money(amount)
}

/// `第 1 期` and `Instalment 1`.
pub(crate) fn instalment(number: usize) -> Bilingual {
    Bilingual {
        chinese: format!("第 {number} 期"),
        english: format!("Instalment {number}"),
    }
}

/// Where the pages are, what to type there, and how to pay there.
pub(crate) fn online(address: &str, label: &Bilingual, methods: &[String]) -> Vec<Bilingual> {
    let mut said = vec![Bilingual {
        chinese: format!("上網：前往 {address}，輸入{}。", label.chinese),
        english: format!(
            "Online: go to {address} and enter the number ({}).",
            label.english
        ),
    }];
    if !methods.is_empty() {
        said.push(Bilingual {
            chinese: format!("網上可用：{}。", methods.join("、")),
            english: format!("Taken there: {}.", methods.join(", ")),
        });
    }
    said
}

/// `列印日期` and `Printed on`.
pub(crate) fn printed_on(day: Date) -> String {
    let day = date(day);
    format!("列印日期 {}　Printed on {}", day.chinese, day.english)
}

/// `第 1 頁，共 2 頁` and `Page 1 of 2`.
pub(crate) fn page(number: usize, count: usize) -> String {
    format!("第 {number} 頁，共 {count} 頁　Page {number} of {count}")
}

/// What a code says to those who cannot see it.
pub(crate) fn alternative(amount: Money, payee: &str, label: &str, number: &str) -> String {
    format!("QR code to pay {amount} to {payee}, {label} {number}")
}
