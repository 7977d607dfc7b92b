//! `WatchPayment`: the payment now, and again at every change, until it is final.
//!
//! A change made in this process wakes the watcher at once. A change made by another node is seen by a look at the
//! payment's row every [`LOOK_INTERVAL`]; the whole view is read only when its version has grown. The number of
//! watchers is bounded, and all of them end when the gateway stops, so that their callers go to another node.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use epay_engine::{Engine, EngineError, PaymentView, Watch};
use epay_money::{BillerId, PaymentId};
use epay_proto::v1::WatchPaymentResponse;
use futures_util::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::convert::{self, Sight};
use crate::fault::{self, About};
use crate::names;

/// How often the payment's row is looked at. With one look a second, a change is seen within two.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

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
        let changes = engine.watch(payment);
        let mut look = interval(LOOK_INTERVAL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        let about = About::read("Payment", names::of_payment(&biller, payment));
        let mut watcher = Watcher {
            engine,
            biller,
            payment,
            sight,
            about,
            changes,
            look,
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
    look: Interval,
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
        loop {
            tokio::select! {
                () = self.changes.changed() => {}
                _ = self.look.tick() => {}
                () = self.stopping.cancelled() => {
                    return Err(fault::unavailable("The gateway is stopping. Nothing is lost; watch again."));
                }
            }
            if self.version().await? > self.seen {
                return self.read().await;
            }
        }
    }

    async fn version(&self) -> Result<i32, Status> {
        let failed = |error: EngineError| fault::engine(error, &self.about);
        let client = self
            .engine
            .reader()
            .pool()
            .get()
            .await
            .map_err(|error| failed(error.into()))?;
        let found = epay_store::payment(&client, &self.biller, self.payment).await;
        let payment = found.map_err(|error| failed(error.into()))?;
        Ok(payment.map_or(self.seen, |payment| payment.version))
    }

    async fn read(&mut self) -> Result<PaymentView, Status> {
        let found = self
            .engine
            .reader()
            .payment(&self.biller, self.payment)
            .await;
        let view = found.map_err(|error| fault::engine(error, &self.about))?;
        self.seen = view.payment.version;
        Ok(view)
    }
}

fn message(view: &PaymentView, sight: Sight) -> WatchPaymentResponse {
    WatchPaymentResponse {
        payment: Some(convert::payment(view, sight)),
    }
}
