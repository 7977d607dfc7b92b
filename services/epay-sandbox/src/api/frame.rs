//! `/api/clock`, `/api/timers` and `/api/faults`: the frame that all counterparties share.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::routing::{delete, get};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp, civil::Time};
use serde::{Deserialize, Serialize};

use super::Problem;
use super::problem::Body;
use crate::counterparties::Opened;
use crate::faults::{FaultOrder, FaultRow, MenuItem, TRANSFER_MENU};
use crate::frame::{Frame, MoveClock, Target, TimerRow};
use crate::hk_time::offset_text;

/// Rows in the list of timers.
const TIMERS_MAX: i64 = 200;

/// What these routes need.
#[derive(Clone)]
pub(crate) struct FrameDoor {
    pub(crate) frame: Frame,
    pub(crate) clock: MoveClock,
    pub(crate) counterparties: Opened,
}

/// The routes.
pub(crate) fn frame_routes(door: FrameDoor) -> Router {
    Router::new()
        .route("/api/clock", get(read_clock).post(move_clock))
        .route("/api/timers", get(timers))
        .route(
            "/api/faults",
            get(list_faults).post(order_fault).delete(take_back_all),
        )
        .route("/api/faults/{fault_id}", delete(take_back))
        .with_state(door)
}

/// Where the clock stands.
#[derive(Debug, Serialize)]
struct ClockState {
    now: Timestamp,
    hong_kong: String,
    ahead_seconds: i64,
    /// How much due work was done on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    timers_run: Option<u64>,
}

/// Where to move it: exactly one of these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    set: Option<Timestamp>,
    advance_seconds: Option<i64>,
    next_hong_kong_time: Option<Time>,
}

fn state(frame: &Frame, timers_run: Option<u64>) -> Json<ClockState> {
    let now = frame.now();
    Json(ClockState {
        now,
        hong_kong: offset_text(now),
        ahead_seconds: frame.clock().ahead().as_secs(),
        timers_run,
    })
}

async fn read_clock(State(door): State<FrameDoor>) -> Json<ClockState> {
    state(&door.frame, None)
}

async fn move_clock(
    State(door): State<FrameDoor>,
    Body(given): Body<Move>,
) -> Result<Json<ClockState>, Problem> {
    let target = match (given.set, given.advance_seconds, given.next_hong_kong_time) {
        (Some(at), None, None) => Target::At(at),
        (None, Some(seconds), None) => Target::By(SignedDuration::from_secs(seconds)),
        (None, None, Some(time)) => Target::NextInHongKong(time),
        _ => {
            return Err(Problem::bad_request(
                "clock",
                "give exactly one of set, advance_seconds and next_hong_kong_time",
            ));
        }
    };
    let done = door.clock.to(target).await?;
    Ok(state(&door.frame, Some(done)))
}

/// The work that waits.
#[derive(Debug, Serialize)]
struct TimerList {
    timers: Vec<TimerRow>,
}

async fn timers(State(door): State<FrameDoor>) -> Result<Json<TimerList>, Problem> {
    Ok(Json(TimerList {
        timers: door.frame.books.list_timers(TIMERS_MAX).await?,
    }))
}

/// What can go wrong, and what will.
#[derive(Debug, Serialize)]
struct FaultList {
    menu: BTreeMap<&'static str, &'static [MenuItem]>,
    faults: Vec<FaultRow>,
}

/// The menus of all rails.
pub(crate) fn menus(counterparties: &Opened) -> BTreeMap<&'static str, &'static [MenuItem]> {
    let mut menus = BTreeMap::from([("fps", TRANSFER_MENU)]);
    for counterparty in counterparties.values() {
        menus.extend(counterparty.menu().iter().copied());
    }
    menus
}

async fn list_faults(State(door): State<FrameDoor>) -> Result<Json<FaultList>, Problem> {
    Ok(Json(FaultList {
        menu: menus(&door.counterparties),
        faults: door.frame.faults.list().await?,
    }))
}

/// The number of an order.
#[derive(Debug, Serialize)]
struct Ordered {
    fault_id: i64,
}

async fn order_fault(
    State(door): State<FrameDoor>,
    Body(order): Body<FaultOrder>,
) -> Result<Json<Ordered>, Problem> {
    let menus = menus(&door.counterparties);
    let Some(menu) = menus.get(order.rail.as_str()) else {
        let rails: Vec<&str> = menus.keys().copied().collect();
        return Err(Problem::bad_request(
            "rail",
            &format!("there is no such rail; there are {}", rails.join(", ")),
        ));
    };
    let Some(item) = menu.iter().find(|item| item.word == order.fault) else {
        let words: Vec<&str> = menu.iter().map(|item| item.word).collect();
        return Err(Problem::bad_request(
            "fault",
            &format!("this rail's faults are {}", words.join(", ")),
        ));
    };
    if !item.accepts(order.value.as_deref()) {
        return Err(Problem::bad_request("value", item.help));
    }
    let fault_id = door.frame.faults.order(&order, door.frame.now()).await?;
    Ok(Json(Ordered { fault_id }))
}

/// How many orders were taken back.
#[derive(Debug, Serialize)]
struct TakenBack {
    taken_back: u64,
}

async fn take_back_all(State(door): State<FrameDoor>) -> Result<Json<TakenBack>, Problem> {
    let taken_back = door.frame.faults.take_back(None).await?;
    Ok(Json(TakenBack { taken_back }))
}

async fn take_back(
    State(door): State<FrameDoor>,
    Path(fault_id): Path<i64>,
) -> Result<Json<TakenBack>, Problem> {
    let taken_back = door.frame.faults.take_back(Some(fault_id)).await?;
    Ok(Json(TakenBack { taken_back }))
}
