//! Deciding a batch of the desk: pure but for the ids that it draws. Every command gets its own answer.

use epay_domain::Refusal;
use epay_domain::payment::PaymentState;
use epay_domain::proposal::{
    self, Person, Proposal, ProposalEvent, ProposalState, Resolved, Subject,
};
use epay_domain::reconciliation::case;
use epay_domain::statement::StatementState;
use epay_money::{BillerId, BusinessCalendar, Money, PayoutAccountId, ProposalId, hong_kong_date};
use epay_rail::PayoutAccount;
use epay_store::{BadRowState, FileState, PayoutRow, RowSource};
use jiff::Timestamp;

use super::book::Book;
use super::snapshot::Snapshot;
use super::writes::Writes;
use super::{
    Answer, Command, DecideProposal, ProposeAcceptance, ProposeBreakResolution,
    ProposePayoutAccount, ProposePeriod, ProposeRedrive, ProposeResolution, refund,
};
use crate::Ids;
use crate::catalogue::Rails;
use crate::command::Keyed;
use crate::error::EngineError;

/// What deciding needs beside the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) rails: &'a Rails,
    pub(super) calendar: &'a BusinessCalendar,
    pub(super) ids: &'a dyn Ids,
    pub(super) now: Timestamp,
}

/// Decides every command, in order.
pub(super) fn decide(
    commands: &[&Command],
    snapshot: Snapshot,
    context: Context<'_>,
) -> (Writes, Vec<Result<Answer, EngineError>>) {
    let mut book = Book::open(snapshot, context);
    let answers = commands
        .iter()
        .map(|command| match first_answer(&book, command) {
            Some(answer) => answer,
            None => one(&mut book, command),
        })
        .collect();
    (book.writes, answers)
}

/// The first answer to a repeated command, or the refusal of a key that was used for something else.
fn first_answer(book: &Book<'_>, command: &Command) -> Option<Result<Answer, EngineError>> {
    let keyed = command.keyed()?;
    let first = book.snapshot.answers.get(&keyed.key)?;
    if first.digest != keyed.digest {
        return Some(Err(EngineError::KeyReused));
    }
    Some(Ok(Answer::Again(keyed.key.biller.clone(), first.answer)))
}

fn one(book: &mut Book<'_>, command: &Command) -> Result<Answer, EngineError> {
    match command {
        Command::Request(request, keyed) => refund::request(book, request, keyed),
        Command::Redirect(redirect) => refund::redirect(book, redirect),
        Command::Tell(tell) => refund::tell(book, tell),
        Command::Account(propose, keyed) => account(book, propose, keyed),
        Command::Resolution(propose, keyed) => resolution(book, propose, keyed),
        Command::Redrive(propose, keyed) => redrive(book, propose, keyed),
        Command::Accept(propose, keyed) => accept(book, propose, keyed),
        Command::Break(propose, keyed) => end_break(book, propose, keyed),
        Command::Period(propose, keyed) => period(book, propose, keyed),
        Command::Decide(decide) => decide_proposal(book, decide),
    }
}

/// A proposal and the event that makes it.
pub(super) fn propose(
    book: &mut Book<'_>,
    id: ProposalId,
    biller: &BillerId,
    subject: Subject,
    amount: Option<Money>,
    (reason, maker): (&str, &Person),
) -> Proposal {
    let proposal = Proposal {
        id,
        biller: biller.clone(),
        subject: subject.clone(),
        amount,
        reason: reason.to_owned(),
        maker: maker.name.clone(),
        made_at: book.now(),
        state: ProposalState::Waiting,
        checker: None,
        decided_at: None,
        decision: None,
        version: 0,
    };
    let made = ProposalEvent::Made {
        subject,
        amount,
        reason: reason.to_owned(),
        maker: maker.clone(),
    };
    book.add_proposal(proposal, &made)
}

fn account(
    book: &mut Book<'_>,
    command: &ProposePayoutAccount,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    check_account(&command.account).map_err(EngineError::Refused)?;
    let key = (command.biller.clone(), command.receipt);
    if !book.snapshot.receipts.contains_key(&key) {
        return Err(EngineError::NotFound {
            what: "the receipt",
        });
    }
    let id = PayoutAccountId::new(book.context.ids.next());
    let proposal = ProposalId::new(book.context.ids.next());
    book.add_account(PayoutRow {
        id,
        biller: command.biller.clone(),
        receipt: command.receipt,
        account: command.account.clone(),
        proposal,
        verified: false,
    });
    let subject = Subject::PayoutAccount { account: id };
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, proposal, &command.biller, subject, None, why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

/// The shapes that a payout order can carry: a clearing code, an account number and a name on one line.
fn check_account(account: &PayoutAccount) -> Result<(), Refusal> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let rules = [
        (
            "bank_code",
            account.bank_code.len() == 3 && digits(&account.bank_code),
        ),
        (
            "number",
            (6..=12).contains(&account.number.len()) && digits(&account.number),
        ),
        (
            "name",
            (1..=140).contains(&account.name.trim().chars().count())
                && !account.name.chars().any(char::is_control),
        ),
    ];
    match rules.into_iter().find(|(_field, holds)| !holds) {
        Some((field, _)) => Err(Refusal::BadAccount { field }),
        None => Ok(()),
    }
}

fn resolution(
    book: &mut Book<'_>,
    command: &ProposeResolution,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let key = (command.biller.clone(), command.payment);
    let payment = book.snapshot.payments.get(&key);
    let payment = payment.ok_or(EngineError::NotFound {
        what: "the payment",
    })?;
    if payment.state != PaymentState::Unclear {
        return Err(EngineError::Refused(Refusal::NotUnclear));
    }
    let amount = match &command.finding {
        Resolved::Came { minor, .. } if *minor <= 0 => {
            return Err(EngineError::Refused(Refusal::AmountNotPositive));
        }
        Resolved::Came { minor, .. } => Money::new(*minor, payment.amount.currency()),
        Resolved::DidNotCome => payment.amount,
    };
    let id = ProposalId::new(book.context.ids.next());
    let subject = Subject::Resolution {
        payment: command.payment,
        finding: command.finding.clone(),
    };
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, id, &command.biller, subject, Some(amount), why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

fn accept(
    book: &mut Book<'_>,
    command: &ProposeAcceptance,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let key = (command.biller.clone(), command.statement);
    let state = book.snapshot.statements.get(&key);
    let state = state.ok_or(EngineError::NotFound {
        what: "the statement",
    })?;
    if *state != (StatementState::SetApart, FileState::Booked) {
        return Err(EngineError::Refused(Refusal::StatementNotSetApart));
    }
    let id = ProposalId::new(book.context.ids.next());
    let statement = command.statement;
    let subject = Subject::AcceptStatement { statement };
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, id, &command.biller, subject, None, why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

fn end_break(
    book: &mut Book<'_>,
    command: &ProposeBreakResolution,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let key = (command.biller.clone(), command.id);
    let case = book.snapshot.cases.get(&key);
    let case = case.ok_or(EngineError::NotFound { what: "the break" })?;
    case::fits(case, &command.resolution).map_err(EngineError::Refused)?;
    let amount = case.at_stake(&command.resolution);
    let id = ProposalId::new(book.context.ids.next());
    let subject = Subject::BreakResolution {
        id: command.id,
        resolution: command.resolution.clone(),
    };
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, id, &command.biller, subject, amount, why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

fn redrive(
    book: &mut Book<'_>,
    command: &ProposeRedrive,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let row = book.snapshot.rows.get(&command.row);
    let row = row.ok_or(EngineError::NotFound { what: "the row" })?;
    if row.state != BadRowState::Waiting {
        return Err(EngineError::Refused(Refusal::RowNotWaiting));
    }
    if command.correction.is_some() && row.source != RowSource::Statement {
        return Err(EngineError::Refused(Refusal::CorrectionNotPossible));
    }
    let id = ProposalId::new(book.context.ids.next());
    let subject = Subject::RedriveRow {
        message: command.row.message,
        entry: command.row.entry,
        correction: command.correction.clone(),
    };
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, id, &command.biller, subject, None, why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

fn period(
    book: &mut Book<'_>,
    command: &ProposePeriod,
    keyed: &Keyed,
) -> Result<Answer, EngineError> {
    let period = command.period;
    let (first_day, last_day) = (period.first_day(), period.last_day());
    let key = (command.biller.clone(), period);
    let closed = book.snapshot.closed.contains(&key);
    let refusal = match (command.close, closed) {
        (true, true) => Some(Refusal::PeriodClosed),
        (false, false) => Some(Refusal::PeriodNotClosed),
        (true, false) if hong_kong_date(book.now()) <= last_day => {
            Some(Refusal::PeriodNotOver { last_day })
        }
        (true, false) | (false, true) => None,
    };
    if let Some(refusal) = refusal {
        return Err(EngineError::Refused(refusal));
    }
    let subject = if command.close {
        Subject::PeriodClose {
            first_day,
            last_day,
        }
    } else {
        Subject::PeriodReopen {
            first_day,
            last_day,
        }
    };
    let id = ProposalId::new(book.context.ids.next());
    let why = (command.reason.as_str(), &command.caller);
    let proposal = propose(book, id, &command.biller, subject, None, why);
    book.answered(keyed, proposal.id.uuid(), proposal.version);
    Ok(Answer::Proposal(Box::new(proposal)))
}

fn decide_proposal(book: &mut Book<'_>, command: &DecideProposal) -> Result<Answer, EngineError> {
    let missing = EngineError::NotFound {
        what: "the proposal",
    };
    let proposal = book.snapshot.proposals.get(&command.proposal);
    let proposal = proposal.cloned().ok_or(missing)?;
    let (verdict, caller) = (&command.verdict, &command.caller);
    let events = proposal::decide(
        &proposal,
        verdict,
        caller,
        &book.snapshot.limits,
        book.now(),
    )
    .map_err(EngineError::Refused)?;
    if events.is_empty() {
        return Ok(Answer::Proposal(Box::new(proposal)));
    }
    let approved = command.verdict.approve;
    match &proposal.subject {
        Subject::Refund { refund } => {
            refund::decided(
                book,
                &proposal.biller,
                *refund,
                approved,
                &command.caller.name,
            )?;
        }
        Subject::PayoutAccount { account } if approved => {
            let key = (proposal.biller.clone(), *account);
            book.writes.verified_accounts.push(key);
        }
        // A payment belongs to its bill's committer, a row to whoever reads it, a break to whoever holds its book, and a period
        // waits for whoever posts: they are told after this commit.
        Subject::Resolution { .. }
        | Subject::RedriveRow { .. }
        | Subject::AcceptStatement { .. }
        | Subject::BreakResolution { .. }
        | Subject::PeriodClose { .. }
        | Subject::PeriodReopen { .. }
            if approved =>
        {
            book.writes.awaited.push(proposal.id);
        }
        Subject::PayoutAccount { .. }
        | Subject::Resolution { .. }
        | Subject::RedriveRow { .. }
        | Subject::AcceptStatement { .. }
        | Subject::BreakResolution { .. }
        | Subject::PeriodClose { .. }
        | Subject::PeriodReopen { .. } => {}
    }
    let proposal = book.decide_proposal(proposal, &events);
    Ok(Answer::Proposal(Box::new(proposal)))
}
