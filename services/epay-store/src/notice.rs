//! Notices to people: what is to be planned, what is due, what became of each. No address is ever here.
//!
//! **Lock order**: news that waits for the planner first, then notices by their id.

mod account;
mod again;
mod news;
mod plan;
mod read;
mod retention;
mod row;
mod weather;
mod write;

pub use account::{ACCOUNT_BILLS_MAX, unpaid_bills_of_account};
pub use again::{advance_holidays_in, move_notices_in, note_holidays_in, unpaid_bills_after};
pub use news::{
    NewsItem, PaymentEnd, bills_of, ended_payments, forget_news_in, note_news, note_subscription,
    receipts_of_bills, refunds_of_bills, take_news_in,
};
pub use plan::{NewNotice, insert_notices_in};
pub use read::{
    NoticeCount, NoticeFilter, StoredNoticeEvent, notice, notice_counts, notice_events, notices,
    notices_of_person,
};
pub use retention::remove_notices;
pub use weather::{WeatherWord, set_weather, severe_weather, weather_words};
pub use write::{NoticeEvent, due_notices_in, lock_notices_in, update_notices_in};
