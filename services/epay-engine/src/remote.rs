//! What callers ask of payments whose rails are asked over a network.

use epay_domain::Refusal;
use epay_domain::payment::{Payment, order_key};
use epay_money::{BillerId, PaymentId};
use epay_rail::{Order, OrderKind, Outbound};
use epay_store::{OrderState, PaymentKey, StoredAsk, StoredOrder};

use crate::batch::{Command, check_handover, refused_by_rail};
use crate::command::{CapturePayment, ResolvePayment, SubmitInstrument};
use crate::error::EngineError;
use crate::{Engine, PaymentView, inbound, order};

/// Most payments that one call of [`Engine::tick_payments`] looks at.
const TICK_PAYMENTS_MAX: i64 = 500;

impl Engine {
    /// Sends on what the payer handed over. It is judged at once: what is not genuine, not whole or not for this
    /// payment is refused here, and the payment stays payable.
    ///
    /// # Errors
    /// [`Refusal::NothingToHandOver`], [`Refusal::WrongHandover`], [`Refusal::BadInstrument`] and others.
    pub async fn submit_instrument(
        &self,
        command: SubmitInstrument,
    ) -> Result<PaymentView, EngineError> {
        let keyed = command.keyed();
        let of = self.key_of(&command.biller, command.payment).await?;
        let view = self
            .reader()
            .payment(&command.biller, command.payment)
            .await?;
        // A repeat finds the payment further on, and gets its first answer from the batch.
        if check_handover(&view.payment, &command).is_ok() {
            self.judge(&view.payment, &command).await?;
        }
        let command = Command::Submit(Box::new(command), of, keyed);
        let decided = self.ask(command).await?;
        self.payment_answer(decided).await
    }

    /// Puts the order into words once, for the rail's own judgement of what was handed over.
    async fn judge(
        &self,
        payment: &Payment,
        command: &SubmitInstrument,
    ) -> Result<(), EngineError> {
        let open = self
            .core
            .rails
            .get(&payment.rail)
            .ok_or(EngineError::Refused(Refusal::MethodNotOffered))?;
        let whole = self.tender(payment, command).await?;
        let call = match open.rail.encode(&whole) {
            Ok(Outbound::Call(call)) => call,
            Ok(Outbound::Present(_)) => {
                return Err(EngineError::Refused(Refusal::NothingToHandOver));
            }
            Err(refusal) => return Err(refused_by_rail(&refusal)),
        };
        let client = self.core.pool.get().await?;
        let used = epay_store::known_uses(&client, &payment.rail, &call.uses_once).await?;
        if used.is_empty() {
            return Ok(());
        }
        Err(EngineError::Refused(Refusal::BadInstrument {
            code: "used_before".to_owned(),
            reason: "This has been used before. Please use another.".to_owned(),
        }))
    }

    async fn tender(
        &self,
        payment: &Payment,
        command: &SubmitInstrument,
    ) -> Result<Order, EngineError> {
        let now = self.core.clock.now();
        let number = payment
            .remote
            .as_ref()
            .map_or(1, |remote| remote.orders.saturating_add(1));
        let stored = StoredOrder {
            biller: payment.biller.clone(),
            key: order_key(payment.reference.as_str(), OrderKind::Tender, number),
            payment: payment.id,
            rail: payment.rail.clone(),
            ask: StoredAsk::Tender {
                instrument: command.kind.clone(),
            },
            kept: payment
                .remote
                .as_ref()
                .and_then(|remote| remote.kept.clone()),
            at: now,
            nonce: self.core.ids.next().into_bytes(),
            state: OrderState::Queued,
            tries: 0,
            left_house: false,
            detail: String::new(),
            created_at: now,
        };
        let (payment, bill) = inbound::payment_and_bill(&self.core, &stored).await?;
        let collect = order::collect_of(&payment, &bill, None);
        let instrument = Some((command.kind.clone(), command.bytes.clone()));
        Ok(order::whole(&stored, collect, instrument, None))
    }

    /// Takes what was authorised, all of it or a part. What is not taken is let go of.
    ///
    /// # Errors
    /// [`Refusal::NotCapturable`], [`Refusal::AmountTooHigh`].
    pub async fn capture_payment(
        &self,
        command: CapturePayment,
    ) -> Result<PaymentView, EngineError> {
        let keyed = command.keyed();
        let of = self.key_of(&command.biller, command.payment).await?;
        let decided = self.ask(Command::Capture(command, of, keyed)).await?;
        self.payment_answer(decided).await
    }

    /// Asks the rail soon: somebody says that there is news. More often than every other second does nothing.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn check_payment(
        &self,
        biller: &BillerId,
        payment: PaymentId,
    ) -> Result<(), EngineError> {
        let of = self.key_of(biller, payment).await?;
        self.ask(Command::Check(of)).await?;
        Ok(())
    }

    /// Notes who looks after an unclear payment; nobody when unset.
    ///
    /// # Errors
    /// [`Refusal::NotUnclear`].
    pub async fn assign_unclear(
        &self,
        biller: &BillerId,
        payment: PaymentId,
        owner: Option<String>,
        caller: String,
    ) -> Result<(), EngineError> {
        let of = self.key_of(biller, payment).await?;
        self.ask(Command::Assign { of, owner, caller }).await?;
        Ok(())
    }

    /// Books what two people found out about an unclear payment. Whoever calls this has their proposal.
    ///
    /// # Errors
    /// [`Refusal::NotUnclear`] when other evidence came first.
    pub async fn resolve_payment(&self, command: ResolvePayment) -> Result<(), EngineError> {
        let of = self.key_of(&command.biller, command.payment).await?;
        self.ask(Command::Resolve(Box::new(command), of)).await?;
        Ok(())
    }

    /// Looks at the payments whose time has come: asks, closes, ends. Answers how many there were.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn tick_payments(&self) -> Result<usize, EngineError> {
        let due = {
            let client = self.core.pool.get().await?;
            epay_store::payments_due(&client, self.now(), TICK_PAYMENTS_MAX).await?
        };
        let count = due.len();
        let ticks = due.into_iter().map(|of| self.ask(Command::Tick(of)));
        futures_util::future::try_join_all(ticks).await?;
        Ok(count)
    }

    /// A payment with its bills, for a command about it.
    pub(crate) async fn key_of(
        &self,
        biller: &BillerId,
        payment: PaymentId,
    ) -> Result<PaymentKey, EngineError> {
        let client = self.core.pool.get().await?;
        epay_store::payment_key(&client, biller, payment)
            .await?
            .ok_or(EngineError::NotFound {
                what: "the payment",
            })
    }
}
