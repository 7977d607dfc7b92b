//! The read side: what pages, consoles and streams look at. Each call takes one connection for a short time.

use std::sync::Arc;

use arc_swap::ArcSwap;
use deadpool_postgres::Pool;
use epay_domain::bill::{Bill, BillState};
use epay_domain::payment::Payment;
use epay_domain::{BillType, NumberError, Receipt};
use epay_money::{BillId, BillTypeCode, BillerId, PaymentId};
use epay_store::{Page, PageRequest, PaymentFilter, ReceiptFilter, StoredEvent, StoredOrder};

use crate::catalogue::Rails;
use crate::{BillView, Catalogue, EngineError, PaymentView, UnclearView};

/// Reads of bills, payments and receipts.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: Pool,
    catalogue: Arc<ArcSwap<Catalogue>>,
    rails: Rails,
    treasury: BillerId,
}

impl Reader {
    pub(crate) const fn new(
        pool: Pool,
        catalogue: Arc<ArcSwap<Catalogue>>,
        rails: Rails,
        treasury: BillerId,
    ) -> Self {
        Self {
            pool,
            catalogue,
            rails,
            treasury,
        }
    }

    /// The book for what belongs to no department that is known.
    #[must_use]
    pub fn treasury(&self) -> BillerId {
        self.treasury.clone()
    }

    /// The pool behind it, for reads of the ledger.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Kinds of bill, as last loaded.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    fn kind_of(&self, bill: &Bill) -> Result<Arc<BillType>, EngineError> {
        self.catalogue
            .load()
            .kind(&bill.bill_type)
            .cloned()
            .ok_or(EngineError::NotFound {
                what: "the kind of bill",
            })
    }

    fn bill_view(&self, bill: Bill) -> Result<BillView, EngineError> {
        let kind = self.kind_of(&bill)?;
        Ok(BillView { bill, kind })
    }

    /// The bill that a payer holds, by kind and number as typed.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or the number's fault as [`epay_domain::Refusal::Number`].
    pub async fn find_bill(
        &self,
        code: &BillTypeCode,
        typed: &str,
    ) -> Result<BillView, EngineError> {
        let kind = self
            .catalogue
            .load()
            .kind(code)
            .cloned()
            .ok_or(EngineError::NotFound {
                what: "the kind of bill",
            })?;
        let number = kind.number.read(typed).map_err(|error: NumberError| {
            EngineError::Refused(epay_domain::Refusal::Number(error))
        })?;
        let client = self.pool.get().await?;
        let bill = epay_store::find_bill(&client, &kind.biller, code, &number)
            .await?
            .ok_or(EngineError::NotFound { what: "the bill" })?;
        Ok(BillView { bill, kind })
    }

    /// One bill.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn bill(&self, biller: &BillerId, id: BillId) -> Result<BillView, EngineError> {
        let client = self.pool.get().await?;
        let bill = epay_store::bill(&client, biller, id)
            .await?
            .ok_or(EngineError::NotFound { what: "the bill" })?;
        self.bill_view(bill)
    }

    /// The bills of a department, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn bills(
        &self,
        biller: &BillerId,
        state: Option<BillState>,
        page: PageRequest,
    ) -> Result<Page<BillView>, EngineError> {
        let client = self.pool.get().await?;
        let found = epay_store::bills(&client, biller, state, page).await?;
        let items = found.items.into_iter().map(|bill| self.bill_view(bill));
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next: found.next,
        })
    }

    /// One payment with its bill and credits.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn payment(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<PaymentView, EngineError> {
        let client = self.pool.get().await?;
        let payment =
            epay_store::payment(&client, biller, id)
                .await?
                .ok_or(EngineError::NotFound {
                    what: "the payment",
                })?;
        self.payment_view(&client, payment).await
    }

    pub(crate) async fn payment_view(
        &self,
        client: &deadpool_postgres::Client,
        payment: Payment,
    ) -> Result<PaymentView, EngineError> {
        let mut bills = Vec::with_capacity(payment.parts.len().max(1));
        let mut receipts = Vec::new();
        for id in payment.bills() {
            let bill = epay_store::bill(client, &payment.biller, id)
                .await?
                .ok_or(EngineError::NotFound { what: "the bill" })?;
            bills.push(bill);
            if payment.received_minor > 0 {
                let filter = ReceiptFilter {
                    bill: Some(id),
                    payment: Some(payment.id),
                };
                let page = PageRequest::default();
                let found = epay_store::receipts(client, &payment.biller, filter, page).await?;
                receipts.extend(found.items);
            }
        }
        let bill = bills
            .first()
            .cloned()
            .ok_or(EngineError::NotFound { what: "the bill" })?;
        let kind = self.kind_of(&bill)?;
        Ok(PaymentView {
            payment,
            bill,
            bills,
            kind,
            receipts,
        })
    }

    /// Payments whose outcome is not known, the oldest doubt first; of one department, or of all.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn unclear(
        &self,
        biller: Option<&BillerId>,
        page: PageRequest,
    ) -> Result<Page<UnclearView>, EngineError> {
        let client = self.pool.get().await?;
        let found = epay_store::unclear_payments(&client, biller, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for payment in found.items {
            let view = self.payment_view(&client, payment).await?;
            items.extend(self.unclear_view(view));
        }
        Ok(Page {
            items,
            next: found.next,
        })
    }

    fn unclear_view(&self, view: PaymentView) -> Option<UnclearView> {
        let remote = view.payment.remote.as_ref()?;
        let doubt = remote.doubt.as_ref()?;
        let patient = self
            .rails
            .get(&view.payment.rail)
            .map_or(0, |rail| rail.rail.profile().patience.probes_before_person);
        Some(UnclearView {
            since: doubt.since,
            why: doubt.why.clone(),
            probes: doubt.asked,
            next_probe_at: remote.next_at,
            needs_person: remote.next_at.is_none() || doubt.asked >= patient,
            evidence: doubt.evidence.clone(),
            owner: doubt.owner.clone(),
            view,
        })
    }

    /// The orders that were made about a payment, oldest first: what was asked of its rail, and what became of it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn orders(
        &self,
        biller: &BillerId,
        payment: PaymentId,
    ) -> Result<Vec<StoredOrder>, EngineError> {
        let client = self.pool.get().await?;
        Ok(epay_store::orders_of(&client, biller, payment).await?)
    }

    /// The payments of a department, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn payments(
        &self,
        biller: &BillerId,
        filter: &PaymentFilter,
        page: PageRequest,
    ) -> Result<Page<PaymentView>, EngineError> {
        let client = self.pool.get().await?;
        let found = epay_store::payments(&client, biller, filter, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for payment in found.items {
            items.push(self.payment_view(&client, payment).await?);
        }
        Ok(Page {
            items,
            next: found.next,
        })
    }

    /// What happened to a payment, oldest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn payment_events(
        &self,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Vec<StoredEvent>, EngineError> {
        let client = self.pool.get().await?;
        Ok(epay_store::events(&client, biller, id.uuid()).await?)
    }

    /// The credits of a department, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn receipts(
        &self,
        biller: &BillerId,
        filter: ReceiptFilter,
        page: PageRequest,
    ) -> Result<Page<Receipt>, EngineError> {
        let client = self.pool.get().await?;
        Ok(epay_store::receipts(&client, biller, filter, page).await?)
    }
}
