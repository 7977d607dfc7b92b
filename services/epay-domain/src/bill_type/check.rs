//! The whole of a list of kinds, judged before any of it is used: every fault by its kind and field.

use std::collections::HashMap;

use epay_money::{BillTypeCode, BillerId, RailId};

use super::{BillType, INSTALMENTS_MAX, LocalizedText};
use crate::bill::{PARTS_MAX, is_line_code};
use crate::credit::payable;

/// Longest text of a kind, in characters.
pub const TEXT_CHARACTERS_MAX: usize = 160;
/// Longest number of a bill, in digits.
const DIGITS_MAX: u32 = 32;
/// Most lines, and most late rules, that a kind names.
const ENTRIES_MAX: usize = 16;
/// Longest window to either side, in months.
const WINDOW_MONTHS_MAX: u32 = 120;
/// The whole.
const BASIS_POINTS_MAX: u32 = 10_000;

/// What is wrong with one field of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindFault {
    /// The kind's code; its place in the list, from 1, where it has none.
    pub kind: String,
    /// The field, as a path: `payees[0].name.en`.
    pub field: String,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
}

/// Judges a list of kinds; nothing is wrong with it where the answer is empty.
#[must_use]
pub fn check_kinds(kinds: &[BillType]) -> Vec<KindFault> {
    let mut faults = vec![];
    let mut seen: HashMap<&BillTypeCode, usize> = HashMap::new();
    let mut names: HashMap<&BillerId, &LocalizedText> = HashMap::new();
    let mut owners: HashMap<(&RailId, &str), &BillerId> = HashMap::new();
    for (place, kind) in kinds.iter().enumerate() {
        let mut judge = Judge {
            kind,
            faults: &mut faults,
        };
        judge.kind();
        if seen.insert(&kind.code, place).is_some() {
            judge.fault("code", "KIND_TWICE", "another kind has this code");
        }
        if *names.entry(&kind.biller).or_insert(&kind.biller_name) != &kind.biller_name {
            let words = "a department has one name; another kind of it names another";
            judge.fault("biller_name", "BILLER_NAME_DIFFERS", words);
        }
        for (place, payee) in kind.payees.iter().enumerate() {
            let account = (&payee.rail, payee.account.as_str());
            if *owners.entry(account).or_insert(&kind.biller) != &kind.biller {
                let words = "another department is paid on this account";
                judge.fault(
                    format!("payees[{place}].account"),
                    "ACCOUNT_OF_ANOTHER",
                    words,
                );
            }
        }
    }
    faults
}

struct Judge<'a> {
    kind: &'a BillType,
    faults: &'a mut Vec<KindFault>,
}

impl Judge<'_> {
    fn fault(&mut self, field: impl Into<String>, code: &'static str, words: &str) {
        self.faults.push(KindFault {
            kind: self.kind.code.to_string(),
            field: field.into(),
            code,
            message: words.to_owned(),
        });
    }

    fn kind(&mut self) {
        let kind = self.kind;
        self.text("biller_name", &kind.biller_name);
        self.text("name", &kind.name);
        self.text("number_label", &kind.number_label);
        if !(1..=DIGITS_MAX).contains(&kind.number.digits) {
            self.fault("number.digits", "NUMBER_DIGITS", "it is 1 to 32 digits");
        }
        if kind.policy.exact_only && kind.policy.part_allowed {
            let words = "a bill that takes the exact amount only takes no part";
            self.fault("policy.part_allowed", "POLICY_CONTRADICTS", words);
        }
        self.payees();
        self.lines();
        self.late_rules();
        if let Some(policy) = kind.terms.instalments {
            let most = u32::try_from(INSTALMENTS_MAX).unwrap_or(u32::MAX);
            if !(2..=most).contains(&policy.count_max) {
                let words = "a bill has 2 to 24 instalments, or says nothing of them";
                self.fault(
                    "terms.instalments.count_max",
                    "INSTALMENTS_OUT_OF_RANGE",
                    words,
                );
            }
            if kind.policy.exact_only {
                let words = "a bill that takes the exact amount only has no instalments";
                self.fault("terms.instalments", "POLICY_CONTRADICTS", words);
            }
        }
        self.parts();
        if let Some(factor) = &kind.terms.second_factor {
            self.text("terms.second_factor.label", &factor.label);
        }
        if let Some(account) = kind.terms.account {
            let last = account.skipped.checked_add(account.count);
            let within = last.is_some_and(|last| last <= kind.number.digits);
            if account.count == 0 || !within {
                let words = "an account is one or more digits within the number";
                self.fault("terms.account", "ACCOUNT_OUT_OF_RANGE", words);
            }
        }
        if let Some(window) = kind.terms.window {
            let longest = window.months_before.max(window.months_after);
            if longest > WINDOW_MONTHS_MAX {
                let words = "a window is at most 120 months to either side";
                self.fault("terms.window", "WINDOW_OUT_OF_RANGE", words);
            }
        }
    }

    fn parts(&mut self) {
        let Some(policy) = &self.kind.terms.parts else {
            return;
        };
        let most = u32::try_from(PARTS_MAX).unwrap_or(u32::MAX);
        if !(1..=most).contains(&policy.count_max) {
            let words = "a bill has 1 to 100 parts, or says nothing of them";
            self.fault("terms.parts.count_max", "PARTS_OUT_OF_RANGE", words);
        }
        self.text("terms.parts.reference_label", &policy.reference_label);
    }

    fn payees(&mut self) {
        for (place, payee) in self.kind.payees.iter().enumerate() {
            let at = |field: &str| format!("payees[{place}].{field}");
            let before = self.kind.payees.iter().take(place);
            if before.into_iter().any(|other| other.rail == payee.rail) {
                self.fault(at("rail"), "RAIL_TWICE", "a kind has one payee on a rail");
            }
            for (field, value) in [
                ("identifier", &payee.identifier),
                ("account", &payee.account),
            ] {
                if value.trim().is_empty() || value.chars().any(char::is_control) {
                    self.fault(at(field), "TEXT_MISSING", "it is not there");
                }
            }
            self.text(&at("name"), &payee.name);
        }
    }

    fn lines(&mut self) {
        let kind = self.kind;
        let named = &kind.terms.revenue_lines;
        if named.len() > ENTRIES_MAX {
            let words = "a kind names at most 16 lines";
            self.fault("terms.revenue_lines", "TOO_MANY_LINES", words);
        }
        if !kind.terms.knows_line(&kind.default_line) {
            let words = "it is none of the lines that the kind names";
            self.fault("default_line", "LINE_UNKNOWN", words);
        }
        self.line_code("default_line", &kind.default_line);
        for (place, line) in named.iter().enumerate() {
            let field = format!("terms.revenue_lines[{place}]");
            self.line_code(&format!("{field}.code"), &line.code);
            self.text(&format!("{field}.name"), &line.name);
            if named
                .iter()
                .take(place)
                .any(|other| other.code == line.code)
            {
                self.fault(format!("{field}.code"), "LINE_TWICE", "it is named twice");
            }
        }
    }

    fn line_code(&mut self, field: &str, code: &str) {
        if !is_line_code(code) || payable(&self.kind.biller, code).is_err() {
            let words = "it is 1 to 24 characters a-z, 0-9 or '-', and makes an account with the department's code";
            self.fault(field, "LINE_CODE", words);
        }
    }

    fn late_rules(&mut self) {
        let rules = &self.kind.terms.late_rules;
        if rules.len() > ENTRIES_MAX {
            let words = "a kind has at most 16 late rules";
            self.fault("terms.late_rules", "TOO_MANY_LATE_RULES", words);
        }
        let mut before = None;
        for (place, rule) in rules.iter().enumerate() {
            let field = format!("terms.late_rules[{place}]");
            if before.is_some_and(|before| before >= rule.after_months) {
                let words = "late rules stand in the order of time";
                self.fault(format!("{field}.after_months"), "LATE_RULE_ORDER", words);
            }
            before = Some(rule.after_months);
            if rule.basis_points > BASIS_POINTS_MAX {
                let words = "it is at most 10000, the whole";
                self.fault(format!("{field}.basis_points"), "OUT_OF_RANGE", words);
            }
            self.text(&format!("{field}.words"), &rule.words);
        }
    }

    fn text(&mut self, field: &str, text: &LocalizedText) {
        let languages = [
            ("en", &text.en),
            ("zh_hant", &text.zh_hant),
            ("zh_hans", &text.zh_hans),
        ];
        for (language, words) in languages {
            let field = format!("{field}.{language}");
            if words.trim().is_empty() {
                self.fault(field, "TEXT_MISSING", "it is not there");
            } else if words.chars().count() > TEXT_CHARACTERS_MAX {
                self.fault(field, "TEXT_TOO_LONG", "it is 160 characters or fewer");
            } else if words.chars().any(char::is_control) {
                let message = "it holds a control character";
                self.fault(field, "CONTROL_CHARACTER", message);
            }
        }
    }
}
