//! Whether a notice is still to be sent, asked at the moment of sending.

use epay_money::{hong_kong_date, hong_kong_time, hong_kong_zone};
use epay_notice::{Channel, Kind, Tongue};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{MORNING, is_news};

/// How long a reminder waits while a payment may still take money: then the bill is looked at again.
pub const RECHECK_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Hours of a day in Hong Kong in which a person wants no reminder. They may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// They begin.
    pub from: Time,
    /// They end.
    pub until: Time,
}

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// In which language.
    pub tongue: Tongue,
    /// The ways by which the person agreed to be told, the best first.
    pub channels: Vec<Channel>,
    /// Reminders are wanted. News of the person's own payments come in any case.
    pub reminders: bool,
    /// When reminders are not wanted.
    pub quiet: Option<QuietHours>,
}

/// The bill of a notice as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillNow {
    /// Something is to be paid.
    Owed {
        /// The last day for payment, as it is now.
        due_date: Date,
        /// A payment for it may still take money.
        under_way: bool,
    },
    /// A licence is to be renewed by it, and has not been.
    Renewable {
        /// The date that such a notice is about, as it is now; nothing where the bill renews no licence any more.
        date: Option<Date>,
        /// A payment for it may still take money.
        under_way: bool,
    },
    /// Nothing is to be paid any more.
    Paid,
    /// The department withdrew it.
    Withdrawn,
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What would be told.
    pub kind: Kind,
    /// Nobody needs it from then on.
    pub expires_at: Timestamp,
    /// The bill, where it is about one that may be owed.
    pub bill: Option<BillNow>,
    /// The last day for payment that was planned with, where it was planned with one.
    pub about: Option<Date>,
    /// What the person wants; nothing where the person has gone, and is forgotten.
    pub preferences: Option<&'a Preferences>,
    /// Ways by which this notice could not be told.
    pub failed: &'a [Channel],
    /// The Government says that the weather keeps people at home today.
    pub severe_weather: bool,
}

/// Why a notice is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// The bill is paid.
    Paid,
    /// The bill is withdrawn.
    Withdrawn,
    /// The date was moved, and what would be told is no longer true.
    NotTrue,
    /// The person does not want it.
    OptedOut,
    /// There is no way to the person, or none is left.
    NoChannel,
}

impl Suppression {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::Paid,
        Self::Withdrawn,
        Self::NotTrue,
        Self::OptedOut,
        Self::NoChannel,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Withdrawn => "withdrawn",
            Self::NotTrue => "not_true",
            Self::OptedOut => "opted_out",
            Self::NoChannel => "no_channel",
        }
    }
}

/// What to do with a notice now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Tell it by this channel.
    Send(Channel),
    /// Ask again at this moment.
    Wait(Timestamp),
    /// Never tell it.
    Suppress(Suppression),
    /// It has become old.
    Expire,
}

/// Decides. The order of the rules is the order of their strength: time, truth, wish, way, hour.
#[must_use]
pub fn decide(situation: &Situation<'_>, now: Timestamp) -> Decision {
    if now >= situation.expires_at {
        return Decision::Expire;
    }
    let reminder = !is_news(situation.kind);
    if reminder && let Some(decision) = truth(situation, now) {
        return decision;
    }
    let Some(preferences) = situation.preferences else {
        return Decision::Suppress(Suppression::NoChannel);
    };
    if reminder && !preferences.reminders {
        return Decision::Suppress(Suppression::OptedOut);
    }
    let mut ways = preferences.channels.iter();
    let Some(channel) = ways.find(|way| !situation.failed.contains(way)) else {
        return Decision::Suppress(Suppression::NoChannel);
    };
    // A last day stays a last day in any weather; what can wait, waits.
    let dated = matches!(situation.kind, Kind::DueSoon | Kind::Overdue);
    if reminder && situation.severe_weather && !dated {
        return wait(next_morning(now), situation);
    }
    let quiet = preferences.quiet.filter(|_quiet| reminder);
    match quiet.and_then(|quiet| quiet.end_after(now)) {
        Some(end) => wait(Some(end), situation),
        None => Decision::Send(*channel),
    }
}

/// Whether what a reminder says is true; nothing where it is.
fn truth(situation: &Situation<'_>, now: Timestamp) -> Option<Decision> {
    match situation.bill? {
        BillNow::Paid => Some(Decision::Suppress(Suppression::Paid)),
        BillNow::Withdrawn => Some(Decision::Suppress(Suppression::Withdrawn)),
        BillNow::Owed {
            due_date,
            under_way,
        } => {
            let over = hong_kong_date(now) > due_date;
            let says_over = situation.kind == Kind::Overdue;
            // Another date has notices of its own: of a revised bill, and of the next instalment.
            let moved = situation.about.is_some_and(|date| date != due_date);
            true_unless(moved || over != says_over, under_way, (situation, now))
        }
        BillNow::Renewable { date, under_way } => {
            let moved = situation.about != date;
            true_unless(moved, under_way, (situation, now))
        }
    }
}

/// What is untrue is not told; what money that is under way may soon make untrue, waits for it.
fn true_unless(
    untrue: bool,
    under_way: bool,
    (situation, now): (&Situation<'_>, Timestamp),
) -> Option<Decision> {
    if untrue {
        return Some(Decision::Suppress(Suppression::NotTrue));
    }
    let again = now.checked_add(RECHECK_AFTER).ok();
    under_way.then(|| wait(again, situation))
}

/// Waiting beyond the end of a notice is its end.
fn wait(until: Option<Timestamp>, situation: &Situation<'_>) -> Decision {
    match until {
        Some(until) if until < situation.expires_at => Decision::Wait(until),
        Some(_) | None => Decision::Wait(situation.expires_at),
    }
}

fn next_morning(now: Timestamp) -> Option<Timestamp> {
    let tomorrow = hong_kong_date(now).tomorrow().ok()?;
    let morning = tomorrow.to_datetime(MORNING).to_zoned(hong_kong_zone());
    Some(morning.ok()?.timestamp())
}

impl QuietHours {
    /// When the quiet hours end that a moment lies in.
    #[must_use]
    pub fn end_after(self, now: Timestamp) -> Option<Timestamp> {
        let local = hong_kong_time(now);
        let (date, at) = (local.date(), local.time());
        let day = if self.from <= self.until {
            (self.from <= at && at < self.until).then_some(date)
        } else if at < self.until {
            Some(date)
        } else if at >= self.from {
            date.tomorrow().ok()
        } else {
            None
        };
        let end = day?.to_datetime(self.until).to_zoned(hong_kong_zone());
        Some(end.ok()?.timestamp())
    }
}
