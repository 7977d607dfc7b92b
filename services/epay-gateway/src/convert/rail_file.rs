//! Files of rails.

use epay_engine::{FileState, RailFile};
use epay_proto::v1;

use super::timestamp;
use crate::names;

const fn state(state: FileState) -> v1::RailFileState {
    match state {
        FileState::Arriving => v1::RailFileState::Arriving,
        FileState::Stored | FileState::Whole => v1::RailFileState::Stored,
        FileState::Booked => v1::RailFileState::Booked,
        FileState::Refused => v1::RailFileState::Refused,
    }
}

pub(crate) fn rail_file(file: &RailFile, known_before: bool) -> v1::RailFile {
    let (refusal_code, refusal_detail) = file.refusal.clone().unwrap_or_default();
    v1::RailFile {
        name: names::of_rail_file(file.id),
        rail: file.rail.as_str().to_owned(),
        state: state(file.state).into(),
        size_bytes: file.size,
        known_before,
        sender_name: file.name.clone().unwrap_or_default(),
        booked_row_count: file.reports,
        bad_row_count: file.unreadable,
        refusal_code,
        refusal_detail,
        receive_time: Some(timestamp(file.received_at)),
    }
}
