//! Help, accessibility and privacy: the same place on every page.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::web::{Frame, Visit, page};

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Frame,
}

/// Shows them.
pub(crate) async fn help(visit: Visit) -> Response {
    let frame = visit.frame(visit.text.say("help-title"));
    page(StatusCode::OK, &HelpPage { page: frame })
}
