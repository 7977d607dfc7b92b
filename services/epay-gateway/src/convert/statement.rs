//! Statements and rows set apart.

use epay_domain::statement::{Statement, StatementEntry, StatementFinding, StatementState};
use epay_engine::{FileState, IngestedFile};
use epay_money::{BillerId, Money, StatementId};
use epay_proto::v1;
use epay_store::{BadRow, BadRowState, RowSource};

use super::{amount, date, minor, timestamp};
use crate::names;

const fn statement_state(state: StatementState) -> v1::StatementState {
    match state {
        StatementState::Reading => v1::StatementState::Reading,
        StatementState::Complete => v1::StatementState::Complete,
        StatementState::Repeated => v1::StatementState::Repeated,
        StatementState::SetApart => v1::StatementState::SetApart,
        StatementState::Accepted => v1::StatementState::Accepted,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn statement_state_filter(state: v1::StatementState) -> Option<StatementState> {
    StatementState::ALL
        .into_iter()
        .find(|known| statement_state(*known) == state)
}

const fn file_state(state: FileState) -> v1::StatementFileState {
    match state {
        FileState::Arriving => v1::StatementFileState::Arriving,
        FileState::Stored | FileState::Whole => v1::StatementFileState::Stored,
        FileState::Booked => v1::StatementFileState::Read,
        FileState::Refused => v1::StatementFileState::Refused,
    }
}

pub(crate) fn statement_file(ingested: &IngestedFile, known_before: bool) -> v1::StatementFile {
    let file = &ingested.file;
    let (refusal_code, refusal_detail) = file.refusal.clone().unwrap_or_default();
    v1::StatementFile {
        name: names::of_statement_file(file.id),
        state: file_state(file.state).into(),
        size_bytes: file.size,
        known_before,
        entry_count: file.reports,
        bad_row_count: file.unreadable,
        refusal_code,
        refusal_detail,
        statements: ingested.statements.iter().map(statement).collect(),
        receive_time: Some(timestamp(file.received_at)),
    }
}

pub(crate) fn statement(statement: &Statement) -> v1::Statement {
    let currency = statement.currency;
    let balance = |minor: Option<i64>| minor.map(|minor| amount(Money::new(minor, currency)));
    v1::Statement {
        name: names::of_statement(&statement.biller, statement.id),
        file: names::of_statement_file(statement.file),
        kind: statement.kind.as_str().to_owned(),
        format: statement.format.clone(),
        account: statement.account.clone(),
        sender_id: statement.sender_id.clone(),
        sequence_number: statement.sequence_number.unwrap_or_default(),
        from_date: statement.from_date.map(date),
        to_date: Some(date(statement.to_date)),
        opening_balance: balance(statement.opening_minor),
        closing_balance: balance(statement.closing_minor),
        entry_count: statement.entries,
        bad_row_count: statement.bad_rows,
        credits: minor(statement.credits_minor, currency),
        debits: minor(statement.debits_minor, currency),
        state: statement_state(statement.state).into(),
        findings: statement
            .findings
            .iter()
            .map(|found| finding(&statement.biller, found))
            .collect(),
        receive_time: Some(timestamp(statement.received_at)),
    }
}

fn finding(biller: &BillerId, finding: &StatementFinding) -> v1::StatementFinding {
    let (expected, found) = match finding {
        StatementFinding::AccountUnknown
        | StatementFinding::IdReused { .. }
        | StatementFinding::ToldBefore { .. } => (0, 0),
        StatementFinding::SequenceGap { expected, found } => (*expected, *found),
        StatementFinding::SequenceRepeated { number } => (number.saturating_add(1), *number),
        StatementFinding::OpeningDiffers {
            last_closing_minor,
            opening_minor,
        } => (*last_closing_minor, *opening_minor),
        StatementFinding::ClosingDiffers {
            computed_minor,
            closing_minor,
        } => (*computed_minor, *closing_minor),
        StatementFinding::CreditsDiffer {
            declared_minor,
            computed_minor,
        }
        | StatementFinding::DebitsDiffer {
            declared_minor,
            computed_minor,
        } => (*declared_minor, *computed_minor),
        StatementFinding::RowsDiffer { declared, found } => (*declared, *found),
    };
    let statement = match finding {
        StatementFinding::IdReused { first } | StatementFinding::ToldBefore { first } => {
            names::of_statement(biller, *first)
        }
        _ => String::new(),
    };
    v1::StatementFinding {
        code: finding.code().to_owned(),
        expected,
        found,
        statement,
    }
}

pub(crate) fn statement_entry(entry: &StatementEntry) -> v1::StatementEntry {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    v1::StatementEntry {
        line: entry.line,
        direction: entry.direction.as_str().to_owned(),
        amount: Some(amount(entry.amount)),
        booking_date: Some(date(entry.booking_date)),
        value_date: Some(date(entry.value_date)),
        bank_reference: entry.bank_reference.clone(),
        reference: text(&entry.reference),
        bill_number: text(&entry.bill_number),
        end_to_end_id: text(&entry.end_to_end_id),
        clearing_reference: text(&entry.clearing_reference),
        reversal: entry.reversal,
        return_reason: text(&entry.return_reason),
        item_count: entry.items,
        narrative_code: text(&entry.narrative_code),
        standing: entry.standing.as_str().to_owned(),
    }
}

const fn bad_row_state(state: BadRowState) -> v1::BadRowState {
    match state {
        BadRowState::Waiting => v1::BadRowState::Waiting,
        BadRowState::Redriven => v1::BadRowState::Redriven,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn bad_row_state_filter(state: v1::BadRowState) -> Option<BadRowState> {
    BadRowState::ALL
        .into_iter()
        .find(|known| bad_row_state(*known) == state)
}

/// A row in the book of its department, or of `treasury` where none is known.
pub(crate) fn bad_row(row: &BadRow, treasury: &BillerId) -> v1::BadRow {
    let biller = row.biller.as_ref().unwrap_or(treasury);
    let statement = match row.source {
        RowSource::Statement => {
            names::of_statement(biller, StatementId::new(row.key.message.uuid()))
        }
        RowSource::Message | RowSource::File => String::new(),
    };
    v1::BadRow {
        name: names::of_bad_row(biller, row.key),
        source: row.source.as_str().to_owned(),
        statement,
        row: row.key.entry,
        path: row.path.clone(),
        code: row.code.clone(),
        detail: row.detail.clone(),
        raw: row.raw.clone().unwrap_or_default(),
        state: bad_row_state(row.state).into(),
        drive_count: row.drives,
        proposal: row
            .proposal
            .map_or_else(String::new, |id| names::of_proposal(biller, id)),
        create_time: Some(timestamp(row.at)),
    }
}
