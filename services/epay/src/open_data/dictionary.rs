//! `data_dictionary.csv`: what every column of the published files means, in three languages.

use super::file::{MARK, quoted};

const HEADER: &str =
    "file,column,type,unit,description_en,description_tc,description_sc,example,null_meaning";
const FILE: &str = "collections_monthly";
const NEVER: &str = "never empty";
const LEFT_OUT: &str = "left out: fewer than 10, or needed to protect such a figure";

/// `(column, type, unit, English, traditional and simplified Chinese, example, meaning of an empty field)`.
type Line = (
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 3],
    &'static str,
    &'static str,
);

const LINES: [Line; 13] = [
    (
        "fiscal_year",
        "text",
        "",
        [
            "Fiscal year, from April to March",
            "財政年度（4月至翌年3月）",
            "财政年度（4月至翌年3月）",
        ],
        "2026-27",
        NEVER,
    ),
    (
        "month",
        "text",
        "",
        [
            "Month of the business day",
            "營業日所屬月份",
            "营业日所属月份",
        ],
        "2026-10",
        NEVER,
    ),
    (
        "department_code",
        "text",
        "",
        [
            "Department; ALL for the total",
            "部門代碼；ALL為總計",
            "部门代码；ALL为总计",
        ],
        "rvd",
        NEVER,
    ),
    (
        "department_en",
        "text",
        "",
        ["Department in English", "部門英文名稱", "部门英文名称"],
        "All departments",
        NEVER,
    ),
    (
        "department_tc",
        "text",
        "",
        [
            "Department in traditional Chinese",
            "部門繁體中文名稱",
            "部门繁体中文名称",
        ],
        "所有部門",
        NEVER,
    ),
    (
        "department_sc",
        "text",
        "",
        [
            "Department in simplified Chinese",
            "部門簡體中文名稱",
            "部门简体中文名称",
        ],
        "所有部门",
        NEVER,
    ),
    (
        "channel_code",
        "text",
        "",
        [
            "Way of payment; ALL for the total",
            "繳費途徑代碼；ALL為總計",
            "缴费途径代码；ALL为总计",
        ],
        "ALL",
        NEVER,
    ),
    (
        "payment_count",
        "integer",
        "payments",
        ["Payments received", "收款宗數", "收款宗数"],
        "1204",
        LEFT_OUT,
    ),
    (
        "payment_amount_hkd",
        "decimal",
        "HKD",
        ["Amount received", "收款金額", "收款金额"],
        "4482103.50",
        LEFT_OUT,
    ),
    (
        "refund_count",
        "integer",
        "refunds",
        ["Refunds paid", "退款宗數", "退款宗数"],
        "31",
        LEFT_OUT,
    ),
    (
        "refund_amount_hkd",
        "decimal",
        "HKD",
        ["Amount refunded", "退款金額", "退款金额"],
        "51020.00",
        LEFT_OUT,
    ),
    (
        "median_seconds_to_confirm",
        "integer",
        "s",
        [
            "Half of the payments were confirmed within so many seconds of their start",
            "半數繳費由開始至確認所需時間不超過此秒數",
            "半数缴费由开始至确认所需时间不超过此秒数",
        ],
        "4",
        "left out with the count, no payment, or a total",
    ),
    (
        "revision",
        "integer",
        "",
        [
            "Edition of the month, from 1",
            "該月資料版次（由1起）",
            "该月资料版次（由1起）",
        ],
        "1",
        NEVER,
    ),
];

/// The text of the file.
pub(super) fn text() -> String {
    let mut text = format!("{MARK}{HEADER}\r\n");
    for (column, kind, unit, words, example, empty) in LINES {
        let fields = [FILE, column, kind, unit]
            .into_iter()
            .chain(words)
            .chain([example, empty]);
        let fields: Vec<String> = fields.map(quoted).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}
