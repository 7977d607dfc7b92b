//! People who are told, a planner, and the lanes.

use std::sync::Arc;

use epay_channels::{Channels, ChannelsOptions, MailOptions, MailSecurity, SmsOptions};
use epay_contact::{
    CONTACT_ROLE, Consent, ContactKeys, Contacts, NewPerson, NewSubscription, Point,
};
use epay_domain::notification::Preferences;
use epay_engine::V7Ids;
use epay_money::{BillTypeCode, Language, PersonId};
use epay_notice::{Channel, Shelf, Tongue};
use epay_pg::PoolOptions;
use epay_rail_kit::transport::ChannelKey;
use epay_worker::{Lane, Planner, SenderOptions};
use uuid::Uuid;

use super::gateway::Gateway;
use crate::house::House;

/// Whose telephone it is, from 1.
pub(super) fn telephone(number: u32) -> String {
    format!("+8526123{number:04}")
}

/// Everything between an outbox and a telephone.
pub(super) struct Post {
    pub(super) gateway: Gateway,
    pub(super) contacts: Contacts,
    options: SenderOptions,
}

/// A mail server on a port of this machine.
pub(super) fn mail_on(port: u16) -> MailOptions {
    MailOptions {
        host: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::Plain,
        credentials: None,
        from: "TEST Bills <bills@pay.example>".to_owned(),
        unsubscribe: "stop@pay.example".to_owned(),
    }
}

impl Post {
    pub(super) async fn open(house: &House) -> Self {
        Self::with_mail(house, None).await
    }

    /// With a mail server as well.
    pub(super) async fn with_mail(house: &House, email: Option<MailOptions>) -> Self {
        let pool = house.database.pool_with(PoolOptions {
            size: 4,
            role: Some(CONTACT_ROLE.to_owned()),
            ..PoolOptions::named("contacts of a test")
        });
        let keys = ContactKeys::new(&[vec![5; 32].into()]).unwrap();
        let contacts = Contacts::new(pool, keys);
        let gateway = Gateway::open().await;
        let sms = SmsOptions {
            endpoint: gateway.url().parse().unwrap(),
            key: ChannelKey {
                id: "epay-test".to_owned(),
                secrets: vec![vec![3; 32].into()],
            },
            sender: "#TEST-Pay".parse().unwrap(),
        };
        let channels = Channels::open(ChannelsOptions {
            iam_smart: None,
            sms: Some(sms),
            email,
        });
        let options = SenderOptions {
            contacts: contacts.clone(),
            channels: channels.unwrap(),
            shelf: Arc::new(Shelf::built_in().unwrap()),
            at_once: 8,
        };
        Self {
            gateway,
            contacts,
            options,
        }
    }

    /// A person who wants to be told by SMS, then by e-mail.
    pub(super) fn wants() -> Preferences {
        Preferences {
            tongue: Tongue::One(Language::English),
            channels: vec![Channel::Sms, Channel::Email],
            reminders: true,
            quiet: None,
        }
    }

    /// Person `number`, subscribed to the account of an RVD number from now on.
    pub(super) async fn person(
        &self,
        house: &House,
        number: u32,
        (bill_number, preferences): (&str, Preferences),
    ) -> Uuid {
        let account = ("rvd-rates", bill_number);
        self.person_of(house, number, (account, preferences)).await
    }

    /// The same of a number of another kind.
    pub(super) async fn person_of(
        &self,
        house: &House,
        number: u32,
        ((kind, bill_number), preferences): ((&str, &str), Preferences),
    ) -> Uuid {
        let now = house.engine.now();
        let id = PersonId::new(Uuid::from_u128(u128::from(number)));
        let points = [
            (Channel::Sms, telephone(number)),
            (Channel::Email, format!("person-{number}@example.org")),
        ];
        let points = points.map(|(channel, address)| Point::read(channel, &address).unwrap());
        let new = NewPerson {
            id,
            points: points.to_vec(),
            preferences,
            consent: Consent {
                id: Uuid::from_u128(u128::from(number) + 1_000),
                words: "2026-11".to_owned(),
                at: now,
            },
            client: "test".to_owned(),
            at: now,
        };
        self.contacts.create(&new).await.unwrap();
        self.follow(house, number, (kind, bill_number)).await;
        id.uuid()
    }

    /// Has person `number` told of another account as well.
    pub(super) async fn follow(
        &self,
        house: &House,
        number: u32,
        (kind, bill_number): (&str, &str),
    ) {
        let code = BillTypeCode::new(kind).unwrap();
        let catalogue = house.engine.reader().catalogue();
        let wish = NewSubscription {
            id: Uuid::now_v7(),
            person: PersonId::new(Uuid::from_u128(u128::from(number))),
            kind: catalogue.kind(&code).unwrap(),
            number: bill_number,
            at: house.engine.now(),
        };
        self.contacts.subscribe(&wish).await.unwrap();
    }

    /// Notes all news and plans them, as the worker would.
    pub(super) async fn plan(&self, house: &House) {
        let client = house.database.service_pool().get().await.unwrap();
        let batches = client
            .query(
                "SELECT batch_id FROM epay.outbox_batch ORDER BY batch_id",
                &[],
            )
            .await
            .unwrap();
        for row in batches {
            epay_store::notice::note_news(&client, &[row.get(0)])
                .await
                .unwrap();
        }
        self.plan_noted(house).await;
    }

    /// Plans what somebody has noted.
    pub(super) async fn plan_noted(&self, house: &House) {
        let planner = Planner::new(
            house.database.config(),
            self.contacts.clone(),
            house.engine.clone(),
            Box::new(V7Ids::default()),
        );
        let planner = planner.unwrap();
        while planner.round().await.unwrap() > 0 {}
    }

    /// A lane of a process of its own.
    pub(super) fn lane(&self, house: &House, channel: Option<Channel>) -> Lane {
        let (config, engine) = (house.database.config(), house.engine.clone());
        Lane::new(config, engine, self.options.clone(), channel).unwrap()
    }

    /// Sends everything that is due.
    pub(super) async fn send(&self, house: &House) {
        let ways = Channel::ALL
            .into_iter()
            .filter(|way| self.options.channels.has(*way));
        let ways = ways.map(Some).chain([None]);
        let mut lanes: Vec<Lane> = ways.map(|way| self.lane(house, way)).collect();
        loop {
            let mut taken = 0;
            for lane in &mut lanes {
                taken += lane.round().await.unwrap();
            }
            if taken == 0 {
                return;
            }
        }
    }

    /// Plans and sends.
    pub(super) async fn tell(&self, house: &House) {
        self.plan(house).await;
        self.send(house).await;
    }
}

impl House {
    /// "name moment": when each notice is to be looked at, and how those stand that are not; in the order of their names.
    pub(super) async fn moments(&self) -> Vec<String> {
        let client = self.pool().get().await.unwrap();
        let query = "SELECT name || ' ' || coalesce(to_char(next_at AT TIME ZONE 'Asia/Hong_Kong', 'MM-DD HH24:MI'), state) \
                     FROM epay.notice ORDER BY name";
        let rows = client.query(query, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// "kind state": every notice, in the order of their names.
    pub(super) async fn notices(&self) -> Vec<String> {
        let client = self.pool().get().await.unwrap();
        let query = "SELECT name, state, reason FROM epay.notice ORDER BY person_id, name";
        let rows = client.query(query, &[]).await.unwrap();
        let line = |row: &tokio_postgres::Row| {
            let (name, state, reason): (String, String, Option<String>) =
                (row.get(0), row.get(1), row.get(2));
            let name = name.split_once('/').map_or(name.clone(), |(kind, rest)| {
                // Of news only the kind can be known before.
                let is_id = rest.parse::<Uuid>().is_ok();
                if is_id { kind.to_owned() } else { name.clone() }
            });
            reason.map_or_else(
                || format!("{name} {state}"),
                |reason| format!("{name} {state} {reason}"),
            )
        };
        rows.iter().map(line).collect()
    }
}
