//! One visit to one page: its language and its place.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::response::Response;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;

use super::{Frame, Portal};
use crate::language::Language;
use crate::pages::Problem;
use crate::text::Text;

/// Longest place that is carried into the links to the other languages, in bytes; a longer one is not ours.
const PLACE_BYTES_MAX: usize = 2_048;

/// Who asks, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) text: Text,
    /// Path and query after the language: the place that a change of language keeps.
    pub(crate) place: String,
    pub(crate) portal: Arc<Portal>,
}

impl Visit {
    pub(crate) fn language(&self) -> Language {
        self.text.language
    }

    /// A frame for a page with this title.
    pub(crate) fn frame(&self, title: impl Into<String>) -> Frame {
        Frame::new(self.text, &self.place, title.into(), self.portal.is_demo())
    }

    /// The page, or the page that says why there is none.
    pub(crate) fn answer(&self, result: Result<Response, Problem>) -> Response {
        result.unwrap_or_else(|problem| problem.page(self))
    }

    /// An address of ours in this visit's language: `/find/…` becomes `/en/find/…`.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.language().segment())
    }
}

impl<S> FromRequestParts<S> for Visit
where
    Arc<Portal>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        // Routes are nested under their language; the original address still has it.
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        let whole = uri.path_and_query().map_or("/", |path| path.as_str());
        let rest = whole.strip_prefix('/').unwrap_or(whole);
        let (segment, place) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
            None => (rest, ""),
        };
        let (language, place) = match Language::from_segment(segment) {
            Some(language) => (language, place),
            None => (accepted(parts), ""),
        };
        let place = if place.len() > PLACE_BYTES_MAX {
            ""
        } else {
            place
        };
        Ok(Self {
            text: Text::new(language),
            place: place.to_owned(),
            portal: Arc::from_ref(state),
        })
    }
}

/// The language that the browser asks for.
pub(super) fn accepted(parts: &Parts) -> Language {
    let header = parts
        .headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::negotiate(header.unwrap_or_default())
}
