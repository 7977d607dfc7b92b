//! Everything that a batch of the desk speaks of, locked and read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use deadpool_postgres::Transaction;
use epay_domain::Receipt;
use epay_domain::payment::Payment;
use epay_domain::proposal::{Limits, Proposal, Subject};
use epay_domain::reconciliation::case::Case;
use epay_domain::refund::{Pot, Refund, RefundFact, Source, pots};
use epay_domain::statement::StatementState;
use epay_ledger::Period;
use epay_ledger_pg::LedgerPgError;
use epay_money::{
    BillerId, BreakId, PaymentId, PayoutAccountId, ProposalId, ReceiptId, RefundId, StatementId,
};
use epay_store::{
    BadRow, BadRowKey, FileState, FirstAnswer, IdempotencyKey, PayoutRow, PotKey, StoreError,
};

use super::Command;

/// One part of a receipt.
pub(super) type PartKey = (BillerId, ReceiptId, Source);

/// What was read for a batch.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) answers: HashMap<IdempotencyKey, FirstAnswer>,
    pub(super) limits: Limits,
    pub(super) proposals: HashMap<ProposalId, Proposal>,
    pub(super) refunds: HashMap<(BillerId, RefundId), Refund>,
    pub(super) receipts: HashMap<PotKey, Receipt>,
    pub(super) pots: BTreeMap<PartKey, Pot>,
    pub(super) accounts: HashMap<(BillerId, PayoutAccountId), PayoutRow>,
    pub(super) payments: HashMap<(BillerId, PaymentId), Payment>,
    pub(super) rows: HashMap<BadRowKey, BadRow>,
    pub(super) cases: HashMap<(BillerId, BreakId), Case>,
    /// Each with the state of its file.
    pub(super) statements: HashMap<(BillerId, StatementId), (StatementState, FileState)>,
    /// Closed periods of the departments that are asked about.
    pub(super) closed: BTreeSet<(BillerId, Period)>,
}

/// What the commands name.
#[derive(Debug, Default)]
struct Wanted {
    keys: BTreeSet<IdempotencyKey>,
    proposals: BTreeSet<ProposalId>,
    refunds: BTreeSet<(BillerId, RefundId)>,
    /// Refunds that may move on to the rail here: their receipts are looked at once more.
    weighed: BTreeSet<RefundId>,
    receipts: BTreeSet<PotKey>,
    accounts: BTreeSet<(BillerId, PayoutAccountId)>,
    payments: BTreeSet<(BillerId, PaymentId)>,
    rows: BTreeSet<BadRowKey>,
    cases: BTreeSet<(BillerId, BreakId)>,
    statements: BTreeSet<(BillerId, StatementId)>,
    books: BTreeSet<BillerId>,
}

impl Wanted {
    fn of(commands: &[&Command]) -> Self {
        let mut wanted = Self::default();
        for command in commands {
            wanted
                .keys
                .extend(command.keyed().map(|keyed| keyed.key.clone()));
            match command {
                Command::Request(request, _) => {
                    let biller = &request.biller;
                    wanted.receipts.insert((biller.clone(), request.receipt));
                    let account = request.account.map(|account| (biller.clone(), account));
                    wanted.accounts.extend(account);
                }
                Command::Redirect(redirect) => {
                    let biller = &redirect.biller;
                    wanted.refunds.insert((biller.clone(), redirect.refund));
                    wanted.weighed.insert(redirect.refund);
                    let account = redirect.account.map(|account| (biller.clone(), account));
                    wanted.accounts.extend(account);
                }
                Command::Account(propose, _) => {
                    let key = (propose.biller.clone(), propose.receipt);
                    wanted.receipts.insert(key);
                }
                Command::Resolution(propose, _) => {
                    let key = (propose.biller.clone(), propose.payment);
                    wanted.payments.insert(key);
                }
                Command::Break(propose, _) => {
                    wanted.cases.insert((propose.biller.clone(), propose.id));
                }
                Command::Accept(propose, _) => {
                    let key = (propose.biller.clone(), propose.statement);
                    wanted.statements.insert(key);
                }
                Command::Redrive(propose, _) => {
                    wanted.rows.insert(propose.row);
                }
                Command::Period(propose, _) => {
                    wanted.books.insert(propose.biller.clone());
                }
                Command::Decide(decide) => {
                    wanted.proposals.insert(decide.proposal);
                }
                Command::Tell(tell) => {
                    if matches!(tell.fact, RefundFact::Submitted { .. }) {
                        wanted.weighed.insert(tell.refund);
                    }
                    wanted.refunds.insert((tell.biller.clone(), tell.refund));
                }
            }
        }
        wanted
    }
}

/// A period that could not be read.
fn unread(error: LedgerPgError) -> StoreError {
    match error {
        LedgerPgError::Database(database) => database.into(),
        _ => StoreError::Unknown {
            table: "period",
            column: "first_day",
        },
    }
}

impl Snapshot {
    /// Locks and reads, in the desk's lock order.
    pub(super) async fn take(
        tx: &Transaction<'_>,
        commands: &[&Command],
    ) -> Result<Self, StoreError> {
        let mut wanted = Wanted::of(commands);
        let mut snapshot = Self::default();
        if !wanted.proposals.is_empty() {
            let ids = into_vec(wanted.proposals.clone());
            for proposal in epay_store::lock_proposals_in(tx, &ids).await? {
                if let Subject::Refund { refund } = proposal.subject {
                    wanted.refunds.insert((proposal.biller.clone(), refund));
                }
                snapshot.proposals.insert(proposal.id, proposal);
            }
            snapshot.limits = epay_store::approval_limits(tx).await?;
        }
        snapshot.lock_refunds(tx, &mut wanted).await?;
        snapshot.lock_pots(tx, &wanted).await?;
        // Judged again under the book's lock when they are carried out: nothing is locked here.
        for key in &wanted.cases {
            if let Some(case) = epay_store::reconciliation::case(tx, &key.0, key.1).await? {
                snapshot.cases.insert(key.clone(), case);
            }
        }
        // Judged again when it is accepted.
        for key in &wanted.statements {
            let Some(statement) = epay_store::statement(tx, &key.0, key.1).await? else {
                continue;
            };
            if let Some(file) = epay_store::rail_file(tx, statement.file).await? {
                let state = (statement.state, file.state);
                snapshot.statements.insert(key.clone(), state);
            }
        }
        // Rows that people look at one by one: a batch names one, if any.
        for key in &wanted.rows {
            if let Some(row) = epay_store::bad_row(tx, *key).await? {
                snapshot.rows.insert(*key, row);
            }
        }
        for biller in &wanted.books {
            let periods = epay_ledger_pg::periods(&**tx, Some(biller)).await;
            let closed = periods.map_err(unread)?.into_iter();
            let closed = closed.filter(|one| one.closed);
            let closed = closed.map(|one| (one.biller, one.period));
            snapshot.closed.extend(closed);
        }
        let (keys, accounts, payments) = (
            into_vec(wanted.keys),
            into_vec(wanted.accounts),
            into_vec(wanted.payments),
        );
        let (answers, accounts, payments) = futures_util::future::try_join3(
            skip_empty(&keys, epay_store::first_answers(tx, &keys)),
            skip_empty(&accounts, epay_store::payout_accounts_in(tx, &accounts)),
            skip_empty(&payments, epay_store::payments_in(tx, &payments)),
        )
        .await?;
        let keyed = |answer: FirstAnswer| (answer.key.clone(), answer);
        snapshot.answers = answers.into_iter().map(keyed).collect();
        let keyed = |row: PayoutRow| ((row.biller.clone(), row.id), row);
        snapshot.accounts = accounts.into_iter().map(keyed).collect();
        let keyed = |payment: Payment| ((payment.biller.clone(), payment.id), payment);
        snapshot.payments = payments.into_iter().map(keyed).collect();
        Ok(snapshot)
    }

    async fn lock_refunds(
        &mut self,
        tx: &Transaction<'_>,
        wanted: &mut Wanted,
    ) -> Result<(), StoreError> {
        let keys = into_vec(wanted.refunds.clone());
        let refunds = skip_empty(&keys, epay_store::lock_refunds_in(tx, &keys)).await?;
        // A refund that may be declined here gives its share back.
        let deciding = self
            .proposals
            .values()
            .filter_map(|proposal| match proposal.subject {
                Subject::Refund { refund } => Some(refund),
                Subject::Resolution { .. }
                | Subject::PayoutAccount { .. }
                | Subject::RedriveRow { .. }
                | Subject::AcceptStatement { .. }
                | Subject::BreakResolution { .. }
                | Subject::PeriodClose { .. }
                | Subject::PeriodReopen { .. } => None,
            });
        wanted.weighed.extend(deciding);
        for refund in refunds {
            if wanted.weighed.contains(&refund.id) {
                let key = (refund.biller.clone(), refund.receipt);
                wanted.receipts.insert(key);
            }
            let key = (refund.biller.clone(), refund.id);
            self.refunds.insert(key, refund);
        }
        Ok(())
    }

    async fn lock_pots(&mut self, tx: &Transaction<'_>, wanted: &Wanted) -> Result<(), StoreError> {
        let keys = into_vec(wanted.receipts.clone());
        if keys.is_empty() {
            return Ok(());
        }
        let mut receipts = epay_store::receipts_in(tx, &keys).await?;
        // What a bank took back is about a payment, so all its receipts are looked at together.
        let payments: BTreeSet<(BillerId, PaymentId)> = receipts
            .iter()
            .filter_map(|receipt| Some((receipt.biller.clone(), receipt.payment?)))
            .collect();
        let payments = into_vec(payments);
        let read = epay_store::receipts_of_payments_in(tx, &payments);
        receipts.extend(skip_empty(&payments, read).await?);
        let keyed = |receipt: Receipt| ((receipt.biller.clone(), receipt.id), receipt);
        self.receipts = receipts.into_iter().map(keyed).collect();
        let parts: Vec<Pot> = self.receipts.values().flat_map(pots).collect();
        let keys: Vec<PotKey> = self.receipts.keys().cloned().collect();
        if !parts.is_empty() {
            epay_store::open_pots_in(tx, &parts).await?;
            for pot in epay_store::lock_pots_in(tx, &keys).await? {
                let key = (pot.biller.clone(), pot.receipt, pot.source);
                self.pots.insert(key, pot);
            }
        }
        Ok(())
    }
}

fn into_vec<T>(set: BTreeSet<T>) -> Vec<T> {
    set.into_iter().collect()
}

async fn skip_empty<K, T>(
    keys: &[K],
    read: impl Future<Output = Result<Vec<T>, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    if keys.is_empty() {
        Ok(vec![])
    } else {
        read.await
    }
}
