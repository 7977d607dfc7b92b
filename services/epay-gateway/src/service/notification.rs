//! `NotificationService`: people, and the accounts that they hear of.
//!
//! Addresses come in, are judged and sealed, and go out masked; whoever looks is written down by the store. A subscription costs what a look
//! for a bill costs, because it is one.

mod form;
mod wish;

use epay_contact::{Contacts, NewPerson, NewSubscription, Purpose, ReadFilter, Reader};
use epay_engine::{Engine, EngineError};
use epay_money::{BillTypeCode, PersonId};
use epay_notice::Channel;
use epay_proto::v1;
use epay_proto::v1::notification_service_server::NotificationService;
use tonic::{Request, Response, Status};

use super::throttle::{self, Throttle};
use crate::auth::{Authorised, Method, Role, authorise};
use crate::convert;
use crate::fault::{self, About, check_shape};
use crate::names;
use crate::page_token::List;
use crate::person_file::{PersonFile, Place};

const KIND: &str = "Subscriber";

/// Keeps people who are told of bills.
#[derive(Debug, Clone)]
pub(crate) struct Notifications {
    engine: Engine,
    contacts: Option<Contacts>,
    /// Notices are planned.
    tells_people: bool,
    throttle: Throttle,
}

impl Notifications {
    pub(crate) fn new(
        engine: Engine,
        (contacts, tells_people): (Option<Contacts>, bool),
        throttle: Throttle,
    ) -> Self {
        Self {
            engine,
            contacts,
            tells_people,
            throttle,
        }
    }

    fn contacts(&self) -> Result<&Contacts, Status> {
        self.contacts.as_ref().ok_or_else(|| {
            let words = "nobody is told of bills here: no keys of contacts are configured";
            fault::refused("CONTACTS_NOT_CONFIGURED", KIND, words, [].into())
        })
    }

    async fn shown(
        &self,
        caller: &Authorised,
        person: PersonId,
        about: &About,
    ) -> Result<Response<v1::Subscriber>, Status> {
        let reader = Reader {
            name: caller.subject().to_owned(),
            purpose: Purpose::ShowToOwner,
            at: self.engine.now(),
        };
        let found = self.contacts()?.view(&reader, person).await;
        let view = found.map_err(|error| fault::contacts(&error, about))?;
        Ok(Response::new(convert::subscriber(&view)))
    }

    /// The number of a bill that the caller holds, as its kind reads it.
    async fn held(
        &self,
        caller: &Authorised,
        code: &BillTypeCode,
        asked: &v1::CreateSubscriptionRequest,
    ) -> Result<String, Status> {
        let key = throttle::key(&throttle::visitor(caller, &asked.visitor), code.as_str());
        self.throttle
            .take(&key, self.engine.now())
            .map_err(fault::lookups_too_many)?;
        let found = self
            .engine
            .look_up_bill(code, &asked.number, &asked.second_factor)
            .await;
        match &found {
            Ok(_bill) => self.throttle.found(&key),
            Err(EngineError::NotFound { .. }) => {}
            Err(_nothing_was_looked_up) => self.throttle.not_looked(&key),
        }
        let view =
            found.map_err(|error| fault::engine(error, &About::read("Bill", code.as_str())))?;
        Ok(view.bill.number)
    }
}

#[tonic::async_trait]
impl NotificationService for Notifications {
    async fn create_subscriber(
        &self,
        request: Request<v1::CreateSubscriberRequest>,
    ) -> Result<Response<v1::Subscriber>, Status> {
        let caller = authorise(&request, Method::CreateSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let wanted = super::read::present("subscriber", asked.subscriber.as_ref())?;
        let id = if asked.subscriber_id.is_empty() {
            PersonId::new(self.engine.next_id())
        } else {
            names::id("subscriber_id", &asked.subscriber_id)?
        };
        let new = NewPerson {
            id,
            points: wish::points("subscriber.contact_points", &wanted.contact_points)?,
            preferences: wish::preferences(wanted)?,
            consent: wish::consent(
                "subscriber.consent",
                wanted.consent.as_ref(),
                self.engine.next_id(),
            )?,
            client: caller.subject().to_owned(),
            at: self.engine.now(),
        };
        let about = About::write(KIND, names::of_subscriber(id));
        let made = self.contacts()?.create(&new).await;
        made.map_err(|error| fault::contacts(&error, &about))?;
        self.shown(&caller, id, &about).await
    }

    async fn find_subscriber(
        &self,
        request: Request<v1::FindSubscriberRequest>,
    ) -> Result<Response<v1::Subscriber>, Status> {
        let caller = authorise(&request, Method::FindSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let identity = wish::point("iam_smart_id", Channel::IamSmartPush, &asked.iam_smart_id)?;
        // What was looked for is not said back: it would be in every log on the way.
        let about = About::read(KIND, "");
        let found = self.contacts()?.find(&identity).await;
        let found = found.map_err(|error| fault::contacts(&error, &about))?;
        let person = found.ok_or_else(|| fault::not_found(KIND, ""))?;
        self.shown(&caller, person, &about).await
    }

    async fn get_subscriber(
        &self,
        request: Request<v1::GetSubscriberRequest>,
    ) -> Result<Response<v1::Subscriber>, Status> {
        let caller = authorise(&request, Method::GetSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("name", &asked.name)?;
        self.shown(&caller, person, &About::read(KIND, &asked.name))
            .await
    }

    async fn update_subscriber(
        &self,
        request: Request<v1::UpdateSubscriberRequest>,
    ) -> Result<Response<v1::Subscriber>, Status> {
        let caller = authorise(&request, Method::UpdateSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("name", &asked.name)?;
        let change = wish::change(asked, self.engine.next_id())?;
        let about = About::write(KIND, &asked.name);
        let by = (caller.subject(), self.engine.now());
        let changed = self.contacts()?.change(person, &change, by).await;
        changed.map_err(|error| fault::contacts(&error, &about))?;
        self.shown(&caller, person, &about).await
    }

    async fn erase_subscriber(
        &self,
        request: Request<v1::EraseSubscriberRequest>,
    ) -> Result<Response<v1::EraseSubscriberResponse>, Status> {
        let caller = authorise(&request, Method::EraseSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("name", &asked.name)?;
        let by = (caller.subject(), self.engine.now());
        let contacts = self.contacts()?;
        let erased = contacts.erase(person, self.engine.next_id(), by).await;
        erased.map_err(|error| fault::contacts(&error, &About::write(KIND, &asked.name)))?;
        Ok(Response::new(v1::EraseSubscriberResponse {}))
    }

    async fn create_subscription(
        &self,
        request: Request<v1::CreateSubscriptionRequest>,
    ) -> Result<Response<v1::Subscription>, Status> {
        let caller = authorise(&request, Method::CreateSubscription)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("parent", &asked.parent)?;
        let code: BillTypeCode = names::id("bill_type", &asked.bill_type)?;
        let contacts = self.contacts()?;
        let number = self.held(&caller, &code, asked).await?;
        let catalogue = self.engine.reader().catalogue();
        let kind = catalogue
            .kind(&code)
            .ok_or_else(|| fault::not_found("BillType", code.as_str()))?;
        let new = NewSubscription {
            id: self.engine.next_id(),
            person,
            kind,
            number: &number,
            at: self.engine.now(),
        };
        let made = contacts.subscribe(&new).await;
        let about = About::write(KIND, &asked.parent);
        let account = made.map_err(|error| fault::contacts(&error, &about))?;
        if self.tells_people {
            // Repeated after a failure, the subscription is the same one, and what was noted twice is planned once.
            let held = (kind.as_ref(), number.as_str());
            let planned = self.engine.plan_notices(person.uuid(), held, account.since);
            planned
                .await
                .map_err(|error| fault::engine(error, &about))?;
        }
        Ok(Response::new(convert::subscription(person, &account)))
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        authorise(&request, Method::ListSubscriptions)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("parent", &asked.parent)?;
        let found = self.contacts()?.accounts(person).await;
        let found =
            found.map_err(|error| fault::contacts(&error, &About::read(KIND, &asked.parent)))?;
        let accounts = found.iter();
        Ok(Response::new(v1::ListSubscriptionsResponse {
            subscriptions: accounts
                .map(|account| convert::subscription(person, account))
                .collect(),
        }))
    }

    async fn delete_subscription(
        &self,
        request: Request<v1::DeleteSubscriptionRequest>,
    ) -> Result<Response<v1::DeleteSubscriptionResponse>, Status> {
        authorise(&request, Method::DeleteSubscription)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let (person, id) = names::subscription("name", &asked.name)?;
        let at = self.engine.now();
        let gone = self.contacts()?.unsubscribe(person, id, at).await;
        gone.map_err(|error| fault::contacts(&error, &About::write(KIND, &asked.name)))?;
        Ok(Response::new(v1::DeleteSubscriptionResponse {}))
    }

    async fn export_subscriber(
        &self,
        request: Request<v1::ExportSubscriberRequest>,
    ) -> Result<Response<v1::ExportSubscriberResponse>, Status> {
        let caller = authorise(&request, Method::ExportSubscriber)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let person = names::subscriber("name", &asked.name)?;
        let case = Some(asked.case_reference.trim()).filter(|case| !case.is_empty());
        // The pages have the person before them; anybody else says whose request is answered.
        if case.is_none() && caller.role() != Role::CitizenPortal {
            let words = "must be the number of the request that is answered";
            return Err(fault::invalid_field(
                "case_reference",
                "FIELD_REQUIRED",
                words,
            ));
        }
        let list = List::new("ExportSubscriber", &[&asked.name, &asked.case_reference]);
        let place = match list.word(&asked.page_token)? {
            None => Place::Person,
            Some(word) => Place::read(&word).ok_or_else(|| {
                let words = "must be the next_page_token of the same list";
                fault::invalid_field("page_token", "PAGE_TOKEN_INVALID", words)
            })?,
        };
        let reader = Reader {
            name: caller.subject().to_owned(),
            purpose: Purpose::AnswerRequest,
            at: self.engine.now(),
        };
        let file = PersonFile {
            contacts: self.contacts()?,
            notices: self.engine.reader().pool(),
            reader: &reader,
            case,
        };
        let found = file.page(person, place, i64::from(asked.page_size)).await;
        let (mut page, next) =
            found.map_err(|error| fault::person_file(error, &About::read(KIND, &asked.name)))?;
        let next = next.map(Place::word);
        page.next_page_token = list.word_token(next.as_deref());
        Ok(Response::new(page))
    }

    async fn create_contact_form(
        &self,
        request: Request<v1::CreateContactFormRequest>,
    ) -> Result<Response<v1::ContactForm>, Status> {
        authorise(&request, Method::CreateContactForm)?;
        check_shape(request.get_ref())?;
        self.ask_form(request.get_ref()).await.map(Response::new)
    }

    async fn fetch_contact_form(
        &self,
        request: Request<v1::FetchContactFormRequest>,
    ) -> Result<Response<v1::ContactForm>, Status> {
        let caller = authorise(&request, Method::FetchContactForm)?;
        check_shape(request.get_ref())?;
        let found = self.fetch_form(&caller, request.get_ref()).await;
        found.map(Response::new)
    }

    async fn discard_contact_form(
        &self,
        request: Request<v1::DiscardContactFormRequest>,
    ) -> Result<Response<v1::DiscardContactFormResponse>, Status> {
        authorise(&request, Method::DiscardContactForm)?;
        check_shape(request.get_ref())?;
        let gone = self.discard_form(request.get_ref()).await;
        gone.map(Response::new)
    }

    async fn list_contact_reads(
        &self,
        request: Request<v1::ListContactReadsRequest>,
    ) -> Result<Response<v1::ListContactReadsResponse>, Status> {
        authorise(&request, Method::ListContactReads)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let list = List::new("ListContactReads", &[&asked.parent]);
        let before = list.word(&asked.page_token)?;
        let filter = ReadFilter {
            person: names::any_subscriber("parent", &asked.parent)?,
            before: before
                .map(|word| names::id("page_token", &word))
                .transpose()?,
            size: i64::from(asked.page_size),
        };
        let found = self.contacts()?.reads(filter).await;
        let (reads, next) =
            found.map_err(|error| fault::contacts(&error, &About::read(KIND, &asked.parent)))?;
        let next = next.map(|place| place.to_string());
        Ok(Response::new(v1::ListContactReadsResponse {
            contact_reads: reads.iter().map(convert::contact_read).collect(),
            next_page_token: list.word_token(next.as_deref()),
        }))
    }
}
