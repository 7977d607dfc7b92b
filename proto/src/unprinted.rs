//! What is printed of messages that say where a person is reached, or which account is theirs: nothing of either, so that neither is in a log.

use core::fmt;

use crate::v1;

/// The address is left out.
impl fmt::Debug for v1::ContactPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactPoint")
            .field("channel", &self.channel())
            .finish_non_exhaustive()
    }
}

/// The id is left out.
impl fmt::Debug for v1::FindSubscriberRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindSubscriberRequest")
            .finish_non_exhaustive()
    }
}

/// The account is left out.
impl fmt::Debug for v1::Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("name", &self.name)
            .field("bill_type", &self.bill_type)
            .finish_non_exhaustive()
    }
}

/// The number and what proves it are left out.
impl fmt::Debug for v1::CreateSubscriptionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSubscriptionRequest")
            .field("parent", &self.parent)
            .field("bill_type", &self.bill_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::v1;

    #[test]
    fn nothing_prints_an_address_or_an_account() {
        let canary = || "canary".to_owned();
        let point = v1::ContactPoint {
            channel: v1::NoticeChannel::Email.into(),
            address: canary(),
        };
        let subscription = v1::Subscription {
            account: canary(),
            account_tail: canary(),
            ..v1::Subscription::default()
        };
        let whole = v1::ExportSubscriberResponse {
            subscriber: Some(v1::Subscriber {
                contact_points: vec![point.clone()],
                ..v1::Subscriber::default()
            }),
            subscriptions: vec![subscription],
            ..v1::ExportSubscriberResponse::default()
        };
        let change = v1::UpdateSubscriberRequest {
            contact_points: vec![point],
            ..v1::UpdateSubscriberRequest::default()
        };
        let find = v1::FindSubscriberRequest {
            iam_smart_id: canary(),
        };
        let follow = v1::CreateSubscriptionRequest {
            number: canary(),
            second_factor: canary(),
            ..v1::CreateSubscriptionRequest::default()
        };
        let printed = format!("{whole:?} {change:#?} {find:?} {follow:?}");
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("Email"), "what is harmless is there");
    }
}
