//! A person has iAM Smart fill in a form: asked by the pages, agreed to at the sandbox, told to our door, shown to that person alone.

use epay_gateway::Role;
use epay_iamsmart::{FormField, FormRequest, Returned, Scope, SignIn};
use epay_proto::v1;
use epay_proto::v1::ContactFormState;
use epay_proto::v1::notification_service_client::NotificationServiceClient;
use http::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret as _;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Status};
use url::Url;

use super::world::{PERSON, World, open_id};
use crate::support::Bearer;

const BACK: &str = "http://127.0.0.1:8080/en/account/filled";
const STATE: &str = "state-1";

type Pages = NotificationServiceClient<InterceptedService<Channel, Bearer>>;

/// A browser that goes nowhere by itself.
struct Browser {
    http: reqwest::Client,
    sandbox: Url,
}

impl Browser {
    fn of(world: &World) -> Self {
        let builder = reqwest::Client::builder().redirect(Policy::none());
        Self {
            http: builder.build().unwrap(),
            sandbox: world.sandbox.parse().unwrap(),
        }
    }

    /// Opens a page that leads to another, and presses a button there; answers where that leads.
    async fn press(&self, address: Url, form: String) -> Url {
        let page = self.leads(self.http.get(address)).await;
        let kind = "application/x-www-form-urlencoded";
        let post = self.http.post(page).header(CONTENT_TYPE, kind);
        self.leads(post.body(form)).await
    }

    async fn leads(&self, request: reqwest::RequestBuilder) -> Url {
        let answer = request.send().await.unwrap();
        let to = answer.headers()[LOCATION].to_str().unwrap();
        self.sandbox.join(to).unwrap()
    }
}

async fn pages(world: &World) -> Pages {
    let caller = world.house.caller(Role::CitizenPortal).await;
    NotificationServiceClient::with_interceptor(caller.channel, caller.bearer)
}

/// Signs in, asks for a form as the pages do, and presses a button at iAM Smart; answers the form's name and the query with which the browser is back.
async fn asked(world: &World, pages: &mut Pages, button: &str) -> (String, String) {
    let browser = Browser::of(world);
    let sign_in = SignIn {
        client_id: world.iam_smart.client_id(),
        redirect: BACK,
        scopes: &[Scope::Authentication, Scope::FormFilling],
        state: STATE,
        language: "en-US",
        source: "PC_Browser",
    };
    let address = sign_in.address(world.iam_smart.url()).unwrap();
    let person = PERSON.replace(' ', "+");
    let back = browser.press(address, format!("person={person}&do=approve"));
    let back = back.await;
    let Returned::Code(code) = Returned::read(back.query().unwrap(), STATE).unwrap() else {
        unreachable!("{back}");
    };
    let token = world.iam_smart.token(&code).await.unwrap();
    assert_eq!(token.open_id, open_id());
    let form = v1::CreateContactFormRequest {
        iam_smart_id: open_id(),
        state: STATE.to_owned(),
    };
    let form = pages.create_contact_form(form).await.unwrap().into_inner();
    assert_eq!(form.state(), ContactFormState::Asked);
    let request = FormRequest {
        request: form.name.rsplit('/').next().unwrap().to_owned(),
        access_token: token.access_token.expose_secret().to_owned(),
        open_id: open_id(),
        source: "PC_Browser".to_owned(),
        redirect: BACK.to_owned(),
        state: STATE.to_owned(),
        form_name: "Bill notices".to_owned(),
        form_num: "EPAY-1".to_owned(),
        form_desc: "To tell you of bills".to_owned(),
        profile_fields: vec![],
        own_fields: vec![FormField::MobileNumber, FormField::EmailAddress],
    };
    let answer = world.iam_smart.fill(&request).await.unwrap();
    let again = world.iam_smart.fill(&request).await.unwrap();
    assert_eq!(answer, again, "the same request is one");
    let page = world.iam_smart.form_address(&answer.ticket).unwrap();
    let back = browser.press(page, format!("do={button}")).await;
    (form.name, back.query().unwrap().to_owned())
}

async fn fetched(pages: &mut Pages, name: &str, person: &str) -> Result<v1::ContactForm, Status> {
    let request = v1::FetchContactFormRequest {
        name: name.to_owned(),
        iam_smart_id: person.to_owned(),
    };
    Ok(pages.fetch_contact_form(request).await?.into_inner())
}

/// How the form stands, and what is in it.
async fn stands(pages: &mut Pages, name: &str) -> (ContactFormState, Vec<String>) {
    let form = fetched(pages, name, &open_id()).await.unwrap();
    let points = form.contact_points.iter();
    (
        form.state(),
        points.map(|one| one.address.clone()).collect(),
    )
}

fn given() -> (ContactFormState, Vec<String>) {
    let addresses = ["+85251234001", "chan.tai.man@mail.example"];
    (
        ContactFormState::Filled,
        addresses.map(str::to_owned).into(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_gives_is_shown_to_that_person_and_is_gone_when_it_was_read() {
    let mut world = World::open().await;
    let mut pages = pages(&world).await;
    world.order_fault("twice").await;
    let (name, back) = asked(&world, &mut pages, "approve").await;
    assert_eq!(back, format!("state={STATE}"));
    for _copy in 0..2 {
        assert_eq!(world.acknowledged().await, 204, "the same again is known");
    }
    assert_eq!(stands(&mut pages, &name).await, given());
    let stranger = fetched(&mut pages, &name, "somebody-else").await;
    assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
    // Nobody is told by it, and that it was looked at is written down.
    let client = world.house.database().pool().get().await.unwrap();
    let reads = "SELECT count(*) FROM contact.read WHERE purpose = 'show_to_owner' AND channels = '{sms,email}'";
    let count = client.query_one(reads, &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
    let plain = "SELECT count(*) FROM contact.form AS form WHERE form::text LIKE '%51234001%'";
    let count = client.query_one(plain, &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 0);
    for _again in 0..2 {
        let request = v1::DiscardContactFormRequest {
            name: name.clone(),
            iam_smart_id: open_id(),
        };
        pages.discard_contact_form(request).await.unwrap();
        let gone = fetched(&mut pages, &name, &open_id()).await;
        assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_agree_gives_nothing() {
    let mut world = World::open().await;
    let mut pages = pages(&world).await;
    for (button, code) in [("refuse", "D40001"), ("cancel", "D40000")] {
        let (name, back) = asked(&world, &mut pages, button).await;
        assert_eq!(back, format!("state={STATE}&error_code={code}"));
        assert_eq!(world.acknowledged().await, 204);
        let refused = (ContactFormState::Refused, vec![]);
        assert_eq!(stands(&mut pages, &name).await, refused, "{button}");
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_state_and_an_answer_that_comes_late_are_forgotten() {
    let mut world = World::open().await;
    let mut pages = pages(&world).await;
    world.order_fault("wrong-state").await;
    let (name, _back) = asked(&world, &mut pages, "approve").await;
    assert_eq!(world.acknowledged().await, 204);
    let nothing = (ContactFormState::Asked, vec![]);
    assert_eq!(stands(&mut pages, &name).await, nothing);

    world.order_fault("never").await;
    let (name, _back) = asked(&world, &mut pages, "approve").await;
    let client = world.house.database().pool().get().await.unwrap();
    let over = "UPDATE contact.form SET asked_at = now() - interval '16 minutes', ends_at = now() - interval '1 minute'";
    client.execute(over, &[]).await.unwrap();
    world.release().await;
    assert_eq!(world.acknowledged().await, 204);
    let gone = fetched(&mut pages, &name, &open_id()).await;
    assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    let kept = "SELECT count(*) FROM contact.form WHERE outcome IS NOT NULL";
    let count = client.query_one(kept, &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 0);
    let contacts = crate::people::contacts(world.house.database());
    let now = world.house.engine.now();
    assert_eq!(contacts.remove_forms(now).await.unwrap(), 1);
    world.close().await;
}
