//! The two streams: rows after a cursor, and the pieces of a file.
//!
//! A cursor is `{file}.{line}`, or `{file}.end` once all of a file was read. Rows are read by the page as the caller takes
//! them, so nothing is held for a slow one but a page.

use std::collections::VecDeque;

use epay_engine::{Engine, EngineError};
use epay_feed::Shape;
use epay_proto::v1;
use epay_proto::v1::download_feed_file_response::Part;
use epay_proto::v1::stream_feed_response::Item;
use epay_store::feed::{FeedFile, FeedKey};
use futures_util::{Stream, StreamExt as _, stream};
use tonic::Status;

use crate::convert;
use crate::fault::{self, About};
use crate::names;

/// Rows that are read at once.
const PAGE_ROWS: i64 = 500;
/// What stands in a cursor for the end of a file.
const END: &str = "end";

/// Where a stream is.
struct Walk {
    engine: Engine,
    key: FeedKey,
    sequence: i64,
    line: i32,
    waiting: VecDeque<v1::StreamFeedResponse>,
}

/// Everything after a cursor.
pub(super) fn rows(
    engine: Engine,
    key: FeedKey,
    cursor: &str,
) -> Result<impl Stream<Item = Result<v1::StreamFeedResponse, Status>> + use<>, Status> {
    let (sequence, line) = place(cursor).ok_or_else(|| {
        let words = "must be the cursor of a message of this stream";
        fault::invalid_field("cursor", "FIELD_MALFORMED", words)
    })?;
    let walk = Walk {
        engine,
        key,
        sequence,
        line,
        waiting: VecDeque::new(),
    };
    Ok(stream::unfold(Some(walk), |walk| async {
        let mut walk = walk?;
        match walk.next().await {
            Ok(message) => message.map(|message| (Ok(message), Some(walk))),
            Err(error) => {
                let about = About::read("Feed", names::of_feed(&walk.key));
                Some((Err(fault::engine(error, &about)), None))
            }
        }
    }))
}

/// The file and the line after which to go on.
fn place(cursor: &str) -> Option<(i64, i32)> {
    if cursor.is_empty() {
        return Some((1, 0));
    }
    let (sequence, line) = cursor.split_once('.')?;
    let sequence: i64 = sequence.parse().ok().filter(|number| *number > 0)?;
    if line == END {
        return Some((sequence.checked_add(1)?, 0));
    }
    let line = line.parse().ok().filter(|line| *line > 0)?;
    Some((sequence, line))
}

impl Walk {
    async fn next(&mut self) -> Result<Option<v1::StreamFeedResponse>, EngineError> {
        if let Some(message) = self.waiting.pop_front() {
            return Ok(Some(message));
        }
        let reader = self.engine.reader();
        let at = (self.sequence, self.line);
        let rows = reader.feed_rows(&self.key, at, PAGE_ROWS).await?;
        if rows.is_empty() {
            let file = match reader.feed_file(&self.key, self.sequence).await {
                Err(EngineError::NotFound { .. }) => return Ok(None),
                found => found?,
            };
            let cursor = format!("{}.{END}", self.sequence);
            self.sequence = self.sequence.saturating_add(1);
            self.line = 0;
            let item = Some(Item::File(convert::feed_file(&file)));
            return Ok(Some(v1::StreamFeedResponse { cursor, item }));
        }
        for row in rows {
            let row = convert::feed_row(row, self.key.currency);
            self.line = row.line;
            self.waiting.push_back(v1::StreamFeedResponse {
                cursor: format!("{}.{}", self.sequence, row.line),
                item: Some(Item::Row(row)),
            });
        }
        Ok(self.waiting.pop_front())
    }
}

/// What a file is, then its bytes.
pub(super) fn pieces(
    engine: &Engine,
    file: &FeedFile,
    shape: Shape,
    about: About,
) -> Result<impl Stream<Item = Result<v1::DownloadFeedFileResponse, Status>> + use<>, Status> {
    let seal = file.shapes.iter().find(|seal| seal.shape == shape);
    let seal = seal.ok_or_else(|| fault::not_found(about.kind, &about.name))?;
    let header = v1::DownloadFeedFileResponse {
        part: Some(Part::Header(convert::feed_shape(file, seal))),
    };
    let chunks = stream::unfold(engine.feed_bytes(file, shape), |mut pieces| async {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let chunks = chunks.map(move |piece| match piece {
        Ok(bytes) => Ok(v1::DownloadFeedFileResponse {
            part: Some(Part::Chunk(bytes)),
        }),
        Err(error) => Err(fault::engine(error, &about)),
    });
    Ok(stream::iter([Ok(header)]).chain(chunks))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_cursor_is_a_place_in_a_file_or_its_end() {
        let table = [
            ("", Some((1, 0))),
            ("3.17", Some((3, 17))),
            ("3.end", Some((4, 0))),
            ("3.0", None),
            ("0.end", None),
            ("3", None),
            ("3.x", None),
            ("-1.1", None),
            ("3.1.1", None),
        ];
        for (cursor, at) in table {
            assert_eq!(place(cursor), at, "{cursor:?}");
        }
    }
}
