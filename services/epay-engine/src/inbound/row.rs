//! One row of a message or file read again, without its neighbours: the whole of it is decoded, and what is not of the row
//! reaches nobody. Reading a row twice books nothing twice, because its movement has the rail's reference.

use epay_rail::{Decoded, Unreadable};
use epay_store::reconciliation as recon;
use epay_store::{BadRow, QuarantineEntry, RailFile, RawMessage, StoreError};

use super::chunks::chunk;
use super::matches::Matches;
use super::{Opened, answered, files, open, sort};
use crate::Engine;
use crate::batch::PAYOUT_ENTRIES;
use crate::engine::Core;
use crate::error::{BatchError, EngineError, chain};
use crate::{recalls, refund_orders};

/// What is of the row: of an unreadable one (below zero) whatever is read in its place now, of one that could not be booked
/// the report of its movement, which its path names.
pub(super) fn only(mut decoded: Decoded, row: &BadRow) -> Decoded {
    let entry = row.key.entry;
    let place = (-1_i32).checked_sub(entry);
    let place = place.and_then(|place| usize::try_from(place).ok());
    let reports = std::mem::take(&mut decoded.reports).into_iter().enumerate();
    let reports = reports.filter(|(number, report)| match place {
        Some(place) => decoded.places.get(*number) == Some(&place),
        None => format!("{}/{}", report.rail_account, report.rail_reference) == row.path,
    });
    let reports = reports.map(|(_number, report)| report).collect();
    // News of recalls stand one an entry, those that cannot be read apart.
    let before = decoded.unreadable.iter();
    let before = before.filter(|one| Some(one.index) < place).count();
    let news = place.and_then(|place| place.checked_sub(before));
    let unread = |index| {
        decoded
            .unreadable
            .iter()
            .any(|one| Some(one.index) == index)
    };
    let recalls = std::mem::take(&mut decoded.recalls).into_iter().enumerate();
    let recalls = recalls
        .filter(|(number, _news)| Some(*number) == news && !unread(place))
        .map(|(_number, news)| news)
        .collect();
    let payouts = std::mem::take(&mut decoded.payouts)
        .into_iter()
        .zip(1_i32..);
    let payouts = payouts
        .filter(|(_payout, number)| PAYOUT_ENTRIES.checked_add(*number) == Some(entry))
        .map(|(payout, _number)| payout)
        .collect();
    decoded.unreadable.retain(|one| Some(one.index) == place);
    Decoded {
        reports,
        recalls,
        payouts,
        unreadable: decoded.unreadable,
        ..Decoded::default()
    }
}

/// The row waits on, with what is wrong with it now.
pub(super) fn still(row: &BadRow, code: &str, detail: &str) -> QuarantineEntry {
    QuarantineEntry {
        message: row.key.message,
        entry: row.key.entry,
        path: row.path.clone(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Reads a row of a message again.
pub(crate) async fn of_message(
    engine: &Engine,
    message: &RawMessage,
    row: &BadRow,
) -> Result<(), EngineError> {
    let core = &engine.core;
    let answered = match &message.answers {
        Some(answers) => Some(answered(core, answers).await.map_err(away)?),
        None => None,
    };
    let opened = open(core, message, answered, Some(row));
    book(engine, message, row, opened).await
}

/// Reads a row of a rail's file again.
pub(crate) async fn of_file(
    engine: &Engine,
    file: &RailFile,
    row: &BadRow,
) -> Result<(), EngineError> {
    let core = &engine.core;
    let mut reader = files::open(core, file)?;
    let mut found = Decoded::default();
    let mut keep = |out| {
        let part = only(out, row);
        found.reports.extend(part.reports);
        found.payouts.extend(part.payouts);
        found.unreadable.extend(part.unreadable);
    };
    let unlike =
        |fault: Unreadable| EngineError::Broken(format!("the reading differs: {}", chain(&fault)));
    let mut place = 0;
    while let Some(chunk) = chunk(core, file, place).await? {
        let mut out = Decoded::default();
        reader.feed(&chunk, &mut out).map_err(unlike)?;
        keep(out);
        place = place.saturating_add(1);
    }
    let mut out = Decoded::default();
    reader.end(&mut out).map_err(unlike)?;
    keep(out);
    let message = files::message_of(file);
    let opened = sort(core, &message, found, None, Some(row));
    book(engine, &message, row, opened).await
}

async fn book(
    engine: &Engine,
    message: &RawMessage,
    row: &BadRow,
    mut opened: Opened,
) -> Result<(), EngineError> {
    let (core, queues) = (&engine.core, engine.queues()?);
    // What became of the order was told when the message came.
    opened.outcome = None;
    let nothing = opened.credits.is_empty()
        && opened.payouts.is_empty()
        && opened.recalls.is_empty()
        && opened.unreadable.is_empty();
    if nothing {
        let words = "nothing that can be booked is read in its place";
        opened.unreadable.push(still(row, "nothing_there", words));
    }
    let heard = refund_orders::hear_notices(core, &queues, &mut opened.credits).await;
    heard.map_err(away)?;
    let news = std::mem::take(&mut opened.recalls);
    let apart = recalls::hear(core, message, news).await.map_err(away)?;
    let apart = apart
        .into_iter()
        .map(|one| still(row, &one.code, &one.detail));
    opened.unreadable.extend(apart);
    let matches = Matches::look_up(core, std::slice::from_ref(&opened)).await;
    let matches = matches.map_err(away)?;
    files::send(&queues, message, &mut opened, &matches, 0).await?;
    keep(core, &opened).await
}

/// Notes what is still wrong; and where the row is of a settlement report, has the report looked at once more.
async fn keep(core: &Core, opened: &Opened) -> Result<(), EngineError> {
    let mut client = core.pool.get().await?;
    let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
    let tx = client.transaction().await.map_err(failed)?;
    epay_store::quarantine_in(&tx, &opened.unreadable, core.clock.now()).await?;
    recon::insert_settlement_items_in(&tx, &opened.items).await?;
    for item in &opened.items {
        recon::look_again_in(&tx, &item.biller, item.message).await?;
    }
    tx.commit().await.map_err(failed)
}

fn away(error: BatchError) -> EngineError {
    match error {
        BatchError::Spoiled(reason) => EngineError::Broken(reason),
        BatchError::Again(_) | BatchError::Away(_) => EngineError::Unavailable,
    }
}
