//! One visit to one page: its language and its place.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts, OriginalUri};
use axum::response::Response;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use jiff::Timestamp;

use super::{Frame, Portal};
use crate::language::Language;
use crate::pages::Problem;
use crate::session::{Kept as _, Session};
use crate::text::Text;

/// Longest place that is carried into the links to the other languages, in bytes; a longer one is not ours.
const PLACE_BYTES_MAX: usize = 2_048;

/// Who asks, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) text: Text,
    /// Path and query after the language: the place that a change of language keeps.
    pub(crate) place: String,
    /// A pseudonym of where the visitor comes from: whoever asks the gateway too often is told to wait by it.
    pub(crate) visitor: String,
    /// Who is signed in.
    pub(crate) session: Option<Session>,
    pub(crate) portal: Arc<Portal>,
}

impl Visit {
    pub(crate) fn language(&self) -> Language {
        self.text.language
    }

    /// A frame for a page with this title.
    pub(crate) fn frame(&self, title: impl Into<String>) -> Frame {
        let frame = Frame::new(self.text, &self.place, title.into(), self.portal.is_demo());
        frame.with_account(self.portal.iam_smart.is_some())
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
        let portal = Arc::from_ref(state);
        Ok(Self {
            text: Text::new(language),
            place: place.to_owned(),
            visitor: visitor(parts, &portal),
            session: Session::of(&parts.headers, &portal.sealer, Timestamp::now()),
            portal,
        })
    }
}

/// Who visits, as far as a network tells: the address that the proxy in front names, where there is one, else the other end of
/// the connection. Of an IPv6 address the network counts, because one household has billions of addresses.
fn visitor(parts: &Parts, portal: &Portal) -> String {
    let named = portal.client_address_header.as_ref().and_then(|header| {
        let last = parts.headers.get_all(header).iter().next_back()?;
        let last = last.to_str().ok()?.rsplit(',').next()?;
        last.trim().parse::<IpAddr>().ok()
    });
    let connected = || {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|ConnectInfo(address)| address.ip())
    };
    let address = match named
        .or_else(connected)
        .map(|address| address.to_canonical())
    {
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) >> 64_u32;
            format!("{network:x}")
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => String::new(),
    };
    portal.sealer.pseudonym(&address)
}

/// The language that the browser asks for.
pub(super) fn accepted(parts: &Parts) -> Language {
    let header = parts
        .headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::negotiate(header.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Request};

    use super::*;
    use crate::pages::lonely_portal;

    #[tokio::test]
    async fn visitors_are_told_apart_by_address_or_network_and_by_the_proxy_alone_where_there_is_one()
     {
        let mut portal = lonely_portal().await;
        Arc::get_mut(&mut portal).unwrap().client_address_header =
            Some(HeaderName::from_static("x-real-address"));
        let of = |named: &[&str], connected: &str| {
            let mut request = Request::get("/");
            for value in named {
                request = request.header("x-real-address", *value);
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            if let Ok(address) = connected.parse::<SocketAddr>() {
                parts.extensions.insert(ConnectInfo(address));
            }
            visitor(&parts, &portal)
        };
        let here = of(&["203.0.113.7"], "10.0.0.1:1");
        let same = [
            (vec!["203.0.113.7"], "10.0.0.2:9"),
            (vec!["198.51.100.1, 203.0.113.7"], ""),
            (vec!["198.51.100.1", "203.0.113.7"], ""),
            (vec!["::ffff:203.0.113.7"], ""),
            (vec![], "203.0.113.7:80"),
            (vec!["nonsense"], "203.0.113.7:80"),
        ];
        for (named, connected) in same {
            assert_eq!(of(&named, connected), here, "{named:?} {connected}");
        }
        assert_ne!(of(&["203.0.113.8"], ""), here);
        let network = of(&["2001:db8:1:2:3:4:5:6"], "");
        assert_eq!(of(&["2001:db8:1:2::1"], ""), network);
        assert_ne!(of(&["2001:db8:1:3::1"], ""), network);
        assert!(!here.contains("203"), "an address is not told");
    }
}
