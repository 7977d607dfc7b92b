//! Files that somebody should look at, each with the reason.

use std::collections::HashMap;

use epay_feed::{DeliveryOutcome, DeliveryState, Shape};
use epay_money::{BillerId, hong_kong_date};
use epay_store::feed::{FeedDelivery, FeedFile, FeedVerdict};

use crate::{Engine, EngineError};

/// Most alerts of each sort that one look tells of.
const ALERTS_MAX: i64 = 1_000;

/// Why somebody should look at a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedAlertReason {
    /// The department did not say anything of it in time.
    NotAcknowledged,
    /// It took it with another count or net than the file has.
    Differs,
    /// It did not take it.
    Refused,
    /// It could not be brought to the department's server, and is not tried any more.
    NotDelivered,
    /// Another file lies there under its name.
    OtherFile,
    /// The server there shows another key than was agreed; nothing was sent, and it is tried again.
    WrongKey,
}

impl FeedAlertReason {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAcknowledged => "NOT_ACKNOWLEDGED",
            Self::Differs => "DIFFERS",
            Self::Refused => "REFUSED",
            Self::NotDelivered => "NOT_DELIVERED",
            Self::OtherFile => "OTHER_FILE",
            Self::WrongKey => "WRONG_KEY",
        }
    }

    const fn of_file(file: &FeedFile) -> Self {
        match file.acknowledged {
            Some(FeedVerdict::Differs) => Self::Differs,
            Some(FeedVerdict::Refused) => Self::Refused,
            Some(FeedVerdict::Accepted) | None => Self::NotAcknowledged,
        }
    }

    const fn of_delivery(delivery: &FeedDelivery) -> Self {
        match (delivery.state, delivery.outcome) {
            (DeliveryState::Conflict, _) => Self::OtherFile,
            (_, Some(DeliveryOutcome::WrongKey)) => Self::WrongKey,
            _ => Self::NotDelivered,
        }
    }
}

/// A file that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedAlert {
    /// The file.
    pub file: FeedFile,
    /// Why.
    pub reason: FeedAlertReason,
    /// In which shape, where it is about one.
    pub shape: Option<Shape>,
    /// What is known beside that, for people.
    pub words: String,
}

impl Engine {
    /// Files that somebody should look at: refused, differing, not acknowledged although a business day has passed, or not
    /// brought to where the department takes them.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn feed_alerts(
        &self,
        biller: Option<&BillerId>,
    ) -> Result<Vec<FeedAlert>, EngineError> {
        let today = hong_kong_date(self.core.clock.now());
        let client = self.core.pool.get().await?;
        let overdue =
            epay_store::feed::feed_files_for_attention(&client, biller, today, ALERTS_MAX).await?;
        let stuck = epay_store::feed::deliveries_for_attention(&client, biller, ALERTS_MAX).await?;
        let names: Vec<_> = stuck
            .iter()
            .map(|one| (&one.key.feed, one.key.sequence))
            .collect();
        let files = epay_store::feed::feed_files_named(&client, &names).await?;
        let files: HashMap<_, _> = files
            .into_iter()
            .map(|file| ((file.key.clone(), file.sequence), file))
            .collect();
        let overdue = overdue.into_iter().map(|file| FeedAlert {
            reason: FeedAlertReason::of_file(&file),
            shape: None,
            words: format!("due on {}", file.ack_due_on),
            file,
        });
        let stuck = stuck.into_iter().filter_map(|delivery| {
            let reason = FeedAlertReason::of_delivery(&delivery);
            let name = (delivery.key.feed, delivery.key.sequence);
            // A delivery is queued from its file: there is none without.
            files.get(&name).map(|file| FeedAlert {
                file: file.clone(),
                reason,
                shape: Some(delivery.key.shape),
                words: delivery.words,
            })
        });
        Ok(overdue.chain(stuck).collect())
    }
}
