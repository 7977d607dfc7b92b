//! `WatchPayment`: the payment now, and again at every change, until it is final.
//!
//! A watcher sleeps until the engine wakes it, and asks the store nothing until then: it costs what it keeps in memory. The number
//! of watchers is bounded, and all of them end when the gateway stops, so that their callers go to another node.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use epay_engine::{Engine, PaymentView, Watch};
use epay_money::{BillerId, PaymentId};
use epay_proto::v1::WatchPaymentResponse;
use futures_util::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::convert::{self, Sight};
use crate::fault::{self, About};
use crate::names;

/// What a watcher that found no room should wait.
const NO_ROOM_RETRY: Duration = Duration::from_secs(5);

/// What a caller of `WatchPayment` reads.
pub(crate) type WatchStream =
    Pin<Box<dyn Stream<Item = Result<WatchPaymentResponse, Status>> + Send>>;

/// The bound on watchers, and what ends them.
#[derive(Debug, Clone)]
pub(crate) struct Watches {
    room: Arc<Semaphore>,
    stopping: CancellationToken,
}

impl Watches {
    pub(crate) fn new(most: usize, stopping: CancellationToken) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            stopping,
        }
    }

    /// Begins to watch. The present state is read before the stream is answered, so that a payment that does not exist
    /// is an answer and not a broken stream.
    pub(crate) async fn open(
        &self,
        engine: Engine,
        biller: BillerId,
        payment: PaymentId,
        sight: Sight,
    ) -> Result<WatchStream, Status> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_full| fault::overloaded(NO_ROOM_RETRY))?;
        // Watch first, read second: a change between the two is not lost.
        let changes = engine.watch(&biller, payment);
        let about = About::read("Payment", names::of_payment(&biller, payment));
        let mut watcher = Watcher {
            engine,
            biller,
            payment,
            sight,
            about,
            changes,
            seen: 0,
            stopping: self.stopping.clone(),
            _room: room,
        };
        let first = watcher.read().await?;
        let rest = (!first.payment.state.is_final()).then_some(watcher);
        let begin = stream::iter([Ok(message(&first, sight))]);
        Ok(Box::pin(futures_util::StreamExt::chain(
            begin,
            stream::unfold(rest, step),
        )))
    }
}

struct Watcher {
    engine: Engine,
    biller: BillerId,
    payment: PaymentId,
    sight: Sight,
    about: About,
    changes: Watch,
    seen: i32,
    stopping: CancellationToken,
    _room: OwnedSemaphorePermit,
}

/// One message of the stream; `None` ends it. A failure is told once and ends it too: the caller watches again.
async fn step(
    watcher: Option<Watcher>,
) -> Option<(Result<WatchPaymentResponse, Status>, Option<Watcher>)> {
    let mut watcher = watcher?;
    match watcher.next_change().await {
        Ok(view) => {
            let answer = message(&view, watcher.sight);
            let rest = (!view.payment.state.is_final()).then_some(watcher);
            Some((Ok(answer), rest))
        }
        Err(status) => Some((Err(status), None)),
    }
}

impl Watcher {
    /// Waits until the payment's version has grown.
    async fn next_change(&mut self) -> Result<PaymentView, Status> {
        let seen = self.seen;
        loop {
            tokio::select! {
                () = self.changes.changed() => {}
                () = self.stopping.cancelled() => {
                    return Err(fault::unavailable("The gateway is stopping. Nothing is lost; watch again."));
                }
            }
            let view = self.read().await?;
            if view.payment.version > seen {
                return Ok(view);
            }
        }
    }

    async fn read(&mut self) -> Result<PaymentView, Status> {
        let found = self
            .engine
            .reader()
            .payment(&self.biller, self.payment)
            .await;
        let view = found.map_err(|error| fault::engine(error, &self.about))?;
        self.seen = view.payment.version;
        self.changes.saw(self.seen);
        Ok(view)
    }
}

fn message(view: &PaymentView, sight: Sight) -> WatchPaymentResponse {
    WatchPaymentResponse {
        payment: Some(convert::payment(view, sight)),
    }
}
