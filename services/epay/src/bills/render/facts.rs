//! What is printed of a bill, by its kind: from the books, or from a row of a file that the same rules have judged.

use epay_bill_file::{
    Demand as Row, Instalment as RowInstalment, Part as RowPart, Share as RowShare,
};
use epay_demand::{Bilingual, Demand, Part, PayRule, Share, Slip, SlipCode};
use epay_domain::bill::{
    Bill, BillEvent, BillPart, Instalment, NewBill, RevenueLine, SealedFactor, issue,
};
use epay_domain::{BillType, LocalizedText, Refusal};
use epay_money::{BillId, BusinessCalendar, Money};
use epay_rail::PrintedCode;
use epay_rails::Registry;
use jiff::civil::Date;
use uuid::Uuid;

/// A bill to be printed.
#[derive(Debug)]
pub(super) struct Facts {
    /// The name of its documents, without the ending.
    pub(super) stem: String,
    number: String,
    amount: Money,
    paid_minor: i64,
    due_date: Date,
    description: String,
    lines: Vec<RevenueLine>,
    parts: Vec<BillPart>,
    /// What is to be paid, and until when.
    unpaid: Vec<(Date, Money)>,
}

impl Facts {
    /// A bill of the books, with what was paid of it until today.
    pub(super) fn of_bill(bill: &Bill, kind: &BillType, today: Date) -> Self {
        let money = |minor| Money::new(minor, bill.amount.currency());
        let schedule = bill.schedule(&kind.terms, today);
        let rest = schedule.iter().map(|one| {
            let rest = one.minor.saturating_sub(one.paid_minor);
            (one.due_date, money(rest))
        });
        let mut unpaid: Vec<(Date, Money)> = rest.collect();
        if unpaid.is_empty() {
            unpaid.push((bill.due_date, bill.outstanding()));
        }
        unpaid.retain(|(_, amount)| amount.minor() > 0);
        Self {
            stem: format!("{}-{}", bill.bill_type, bill.number),
            number: bill.number.clone(),
            amount: bill.amount,
            paid_minor: bill.applied_minor,
            due_date: bill.next_due_date(),
            description: bill.description.clone(),
            lines: bill.lines.clone(),
            parts: bill.parts.clone(),
            unpaid,
        }
    }

    /// A row of a file, judged as the books would judge it. Whether its second factor is right nobody knows here.
    pub(super) fn of_row(
        row: &Row,
        stem: String,
        kind: &BillType,
        calendar: &BusinessCalendar,
    ) -> Result<Self, Refusal> {
        let given = !row.second_factor.is_empty() || kind.terms.second_factor.is_some();
        let new = NewBill {
            // Nothing is issued, and so nothing needs a name.
            id: BillId::new(Uuid::nil()),
            number: row.number.clone(),
            amount: row.amount,
            due_date: row.due_date,
            description: row.description.clone(),
            lines: row.shares.iter().map(line).collect(),
            parts: row.parts.iter().map(part).collect(),
            instalments: row.instalments.iter().map(instalment).collect(),
            second_factor: given.then_some(SealedFactor([0; 32])),
            // No page shows it.
            licence: None,
        };
        let events = issue(&new, kind, calendar)?;
        let (mut number, mut lines) = (new.number, new.lines);
        for event in events {
            if let BillEvent::Issued {
                number: read,
                lines: split,
                ..
            } = event
            {
                (number, lines) = (read, split);
            }
        }
        let money = |minor| Money::new(minor, row.amount.currency());
        let parts = new.instalments.iter();
        let mut unpaid: Vec<(Date, Money)> =
            parts.map(|one| (one.due_date, money(one.minor))).collect();
        if unpaid.is_empty() {
            unpaid.push((row.due_date, row.amount));
        }
        unpaid.retain(|(_, amount)| amount.minor() > 0);
        Ok(Self {
            stem,
            number,
            amount: row.amount,
            paid_minor: 0,
            due_date: row.due_date,
            description: row.description.clone(),
            lines,
            parts: new.parts,
            unpaid,
        })
    }

    /// The page's facts: texts of the kind, and a code for each slip by the first rail that prints one.
    pub(super) fn demand(
        &self,
        kind: &BillType,
        rails: &Registry,
        pages_address: Option<&str>,
        printed_on: Date,
    ) -> Demand {
        let named = kind.terms.revenue_lines.iter();
        let name = |code: &str| {
            let found = named.clone().find(|line| line.code == code);
            found.map_or_else(|| Bilingual::new(code, code), |line| both(&line.name))
        };
        let shares = self.lines.iter().map(|line| Share {
            name: name(&line.code),
            minor: line.minor,
        });
        let label = kind.terms.parts.as_ref();
        let label = label.map_or_else(Bilingual::default, |policy| both(&policy.reference_label));
        let parts = self.parts.iter().map(|part| Part {
            label: part.label.clone(),
            reference: part.reference.clone(),
            line: name(&part.line),
            minor: part.minor,
        });
        let slips = self.unpaid.iter().map(|(due_date, amount)| Slip {
            amount: *amount,
            due_date: *due_date,
            code: self.code(kind, rails, *amount),
        });
        let rails_of_kind = kind
            .payees
            .iter()
            .filter_map(|payee| rails.get(&payee.rail));
        let mut methods: Vec<String> = vec![];
        for rail in rails_of_kind {
            let name = rail.profile().name;
            if !methods.iter().any(|known| known == name) {
                methods.push(name.to_owned());
            }
        }
        Demand {
            biller: both(&kind.biller_name),
            kind: both(&kind.name),
            number_label: both(&kind.number_label),
            number: self.number.clone(),
            amount: self.amount,
            paid_minor: self.paid_minor,
            due_date: self.due_date,
            description: self.description.clone(),
            shares: shares.collect(),
            reference_label: label,
            parts: parts.collect(),
            slips: slips.collect(),
            rule: if kind.policy.exact_only {
                PayRule::ExactOnly
            } else if kind.policy.part_allowed {
                PayRule::InParts
            } else {
                PayRule::Whole
            },
            late_rules: kind
                .terms
                .late_rules
                .iter()
                .map(|rule| both(&rule.words))
                .collect(),
            pages_address: pages_address.map(str::to_owned),
            methods,
            printed_on,
        }
    }

    fn code(&self, kind: &BillType, rails: &Registry, amount: Money) -> Option<SlipCode> {
        kind.payees.iter().find_map(|payee| {
            let printed = rails.get(&payee.rail)?.printed(&PrintedCode {
                payee: payee.identifier.clone(),
                amount,
                amount_editable: kind.amount_editable(),
                bill_number: self.number.clone(),
            });
            // A rail that cannot carry this amount is no reason to print nothing: the slip then has no code, and is counted.
            let payload = printed.ok().flatten()?;
            Some(SlipCode {
                payload,
                payee: both(&payee.name),
            })
        })
    }
}

fn both(text: &LocalizedText) -> Bilingual {
    Bilingual::new(&text.zh_hant, &text.en)
}

fn line(share: &RowShare) -> RevenueLine {
    RevenueLine {
        code: share.code.clone(),
        minor: share.minor,
    }
}

fn part(part: &RowPart) -> BillPart {
    BillPart {
        label: part.label.clone(),
        reference: part.reference.clone(),
        line: part.line.clone(),
        minor: part.minor,
    }
}

fn instalment(one: &RowInstalment) -> Instalment {
    Instalment {
        minor: one.minor,
        due_date: one.due_date,
    }
}
