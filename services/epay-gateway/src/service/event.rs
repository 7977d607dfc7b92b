//! `EventService`: events after a cursor, in order, as long as the caller listens.
//!
//! Events are read by the page as the caller takes them, so nothing is held for a slow one but a page. Whoever follows is
//! looked after every [`LOOK_INTERVAL`]: a commit of any node is seen by the next look, whether a worker runs or not. The number of
//! streams is bounded, and those that follow end when the gateway stops, so that their callers go to another node.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use epay_engine::{Engine, NumberedEvent};
use epay_money::BillerId;
use epay_proto::v1;
use epay_proto::v1::event_service_server::EventService;
use futures_util::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::auth::{Method, authorise};
use crate::fault::{self, About, check_shape};
use crate::names;

/// How often somebody who follows is looked after.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What a caller that found no room should wait.
const NO_ROOM_RETRY: Duration = Duration::from_secs(5);

/// Tells departments what happens to their bills.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    engine: Engine,
    room: Arc<Semaphore>,
    stopping: CancellationToken,
}

impl Events {
    pub(crate) fn new(engine: Engine, most: usize, stopping: CancellationToken) -> Self {
        Self {
            engine,
            room: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            stopping,
        }
    }
}

type Messages = Pin<Box<dyn Stream<Item = Result<v1::StreamEventsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl EventService for Events {
    type StreamEventsStream = Messages;

    async fn stream_events(
        &self,
        request: Request<v1::StreamEventsRequest>,
    ) -> Result<Response<Messages>, Status> {
        let caller = authorise(&request, Method::StreamEvents)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let biller = names::biller("parent", &asked.parent)?;
        caller.over(&biller)?;
        let after = place(&asked.cursor).map_err(|()| {
            let words = "must be the cursor of a message of this stream";
            fault::invalid_field("cursor", "FIELD_MALFORMED", words)
        })?;
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_full| fault::overloaded(NO_ROOM_RETRY))?;
        let mut look = interval(LOOK_INTERVAL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        let mut walk = Walk {
            engine: self.engine.clone(),
            about: About::read("Event", asked.parent.clone()),
            biller,
            after,
            follow: asked.follow,
            waiting: VecDeque::new(),
            look,
            stopping: self.stopping.clone(),
            _room: room,
        };
        // Before the stream is answered, so that a cursor that leads nowhere is an answer and not a broken stream.
        walk.read().await?;
        Ok(Response::new(Box::pin(stream::unfold(Some(walk), step))))
    }
}

/// The number after which to go on.
fn place(cursor: &str) -> Result<Option<i64>, ()> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let plain = cursor.bytes().all(|byte| byte.is_ascii_digit());
    let number = cursor.parse().ok().filter(|number| plain && *number > 0);
    number.map(Some).ok_or(())
}

/// Where a stream is.
struct Walk {
    engine: Engine,
    about: About,
    biller: BillerId,
    after: Option<i64>,
    follow: bool,
    waiting: VecDeque<NumberedEvent>,
    look: Interval,
    stopping: CancellationToken,
    _room: OwnedSemaphorePermit,
}

/// One message of the stream; `None` ends it. A failure is told once and ends it too: the caller goes on at its cursor.
async fn step(
    walk: Option<Walk>,
) -> Option<(Result<v1::StreamEventsResponse, Status>, Option<Walk>)> {
    let mut walk = walk?;
    match walk.next().await {
        Ok(event) => event.map(|event| (Ok(message(event)), Some(walk))),
        Err(status) => Some((Err(status), None)),
    }
}

impl Walk {
    async fn next(&mut self) -> Result<Option<NumberedEvent>, Status> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            self.read().await?;
            if !self.waiting.is_empty() {
                continue;
            }
            if !self.follow {
                return Ok(None);
            }
            tokio::select! {
                _ = self.look.tick() => {}
                () = self.stopping.cancelled() => {
                    return Err(fault::unavailable("The gateway is stopping. Nothing is lost; go on at your cursor."));
                }
            }
        }
    }

    /// Reads the next page.
    async fn read(&mut self) -> Result<(), Status> {
        let read = self.engine.events_after(&self.biller, self.after).await;
        let events = read.map_err(|error| fault::engine(error, &self.about))?;
        if let Some(last) = events.last() {
            self.after = Some(last.number);
        }
        self.waiting.extend(events);
        Ok(())
    }
}

fn message(NumberedEvent { number, event }: NumberedEvent) -> v1::StreamEventsResponse {
    v1::StreamEventsResponse {
        cursor: number.to_string(),
        event_id: event.id,
        event_type: event.event_type.as_str().to_owned(),
        event: event.body,
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_cursor_is_a_number_or_nothing() {
        let table = [
            ("", Ok(None)),
            ("1", Ok(Some(1))),
            ("9223372036854775807", Ok(Some(i64::MAX))),
            ("9223372036854775808", Err(())),
            ("0", Err(())),
            ("-1", Err(())),
            ("+1", Err(())),
            ("1 ", Err(())),
            ("x", Err(())),
        ];
        for (cursor, expected) in table {
            assert_eq!(place(cursor), expected, "{cursor:?}");
        }
    }
}
