//! Forms that iAM Smart fills in: asked for, shown whole to their person, and removed.

use epay_contact::{FormState, NewForm, Purpose, Reader};
use epay_notice::Channel;
use epay_proto::v1;
use secrecy::ExposeSecret as _;
use tonic::Status;

use super::{Notifications, wish};
use crate::auth::Authorised;
use crate::convert;
use crate::fault::{self, About};
use crate::names;

const KIND: &str = "ContactForm";

impl Notifications {
    pub(super) async fn ask_form(
        &self,
        asked: &v1::CreateContactFormRequest,
    ) -> Result<v1::ContactForm, Status> {
        let identity = wish::point("iam_smart_id", Channel::IamSmartPush, &asked.iam_smart_id)?;
        let new = NewForm {
            id: self.engine.next_id(),
            identity: &identity,
            state: &asked.state,
            at: self.engine.now(),
        };
        let name = names::of_contact_form(new.id);
        let made = self.contacts()?.ask_form(&new).await;
        let about = About::write(KIND, &name);
        let ends_at = made.map_err(|error| fault::contacts(&error, &about))?;
        Ok(v1::ContactForm {
            name,
            state: v1::ContactFormState::Asked.into(),
            contact_points: vec![],
            expire_time: Some(convert::timestamp(ends_at)),
        })
    }

    pub(super) async fn fetch_form(
        &self,
        caller: &Authorised,
        asked: &v1::FetchContactFormRequest,
    ) -> Result<v1::ContactForm, Status> {
        let form = names::contact_form("name", &asked.name)?;
        let identity = wish::point("iam_smart_id", Channel::IamSmartPush, &asked.iam_smart_id)?;
        let reader = Reader {
            name: caller.subject().to_owned(),
            purpose: Purpose::ShowToOwner,
            at: self.engine.now(),
        };
        let found = self.contacts()?.form(&reader, (form, &identity)).await;
        let about = About::read(KIND, &asked.name);
        let found = found.map_err(|error| fault::contacts(&error, &about))?;
        let view = found.ok_or_else(|| fault::not_found(KIND, &asked.name))?;
        let (state, contact_points) = match &view.state {
            FormState::Asked => (v1::ContactFormState::Asked, vec![]),
            FormState::Refused => (v1::ContactFormState::Refused, vec![]),
            FormState::Filled(addresses) => {
                let point = |on| {
                    Some(v1::ContactPoint {
                        channel: convert::channel(on).into(),
                        address: addresses.on(on)?.expose_secret().to_owned(),
                    })
                };
                let points = Channel::ALL.into_iter().filter_map(point);
                (v1::ContactFormState::Filled, points.collect())
            }
        };
        Ok(v1::ContactForm {
            name: asked.name.clone(),
            state: state.into(),
            contact_points,
            expire_time: Some(convert::timestamp(view.ends_at)),
        })
    }

    pub(super) async fn discard_form(
        &self,
        asked: &v1::DiscardContactFormRequest,
    ) -> Result<v1::DiscardContactFormResponse, Status> {
        let form = names::contact_form("name", &asked.name)?;
        let identity = wish::point("iam_smart_id", Channel::IamSmartPush, &asked.iam_smart_id)?;
        let gone = self.contacts()?.discard_form(form, &identity).await;
        gone.map_err(|error| fault::contacts(&error, &About::write(KIND, &asked.name)))?;
        Ok(v1::DiscardContactFormResponse {})
    }
}
