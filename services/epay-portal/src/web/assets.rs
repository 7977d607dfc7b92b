//! The style sheet, the script and the icon, under names that change with their contents.
//!
//! A browser may keep such a file for ever, and never mixes the files of two releases.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// Bytes of the digest in a file's name: enough to tell releases apart.
const DIGEST_BYTES: usize = 8;
const KEEP_FOR_EVER: &str = "public, max-age=31536000, immutable";

const STYLE: &str = include_str!("../../assets/portal.css");
const SCRIPT: &str = include_str!("../../assets/portal.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Addresses of the files.
#[derive(Debug)]
pub(crate) struct AssetPaths {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// Named once, at the first page.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    Assets(AssetPaths {
        style: named("portal", "css", STYLE),
        script: named("portal", "js", SCRIPT),
        icon: named("icon", "svg", ICON),
    })
});

pub(super) struct Assets(AssetPaths);

impl Assets {
    pub(super) const fn paths(&self) -> &AssetPaths {
        &self.0
    }
}

fn named(stem: &str, extension: &str, content: &str) -> String {
    let digest = digest(&SHA256, content.as_bytes());
    let short: String = digest
        .as_ref()
        .iter()
        .take(DIGEST_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("/assets/{stem}-{short}.{extension}")
}

/// Routes that serve the files.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let paths = ASSETS.paths();
    [
        (&paths.style, "text/css; charset=utf-8", STYLE),
        (&paths.script, "text/javascript; charset=utf-8", SCRIPT),
        (&paths.icon, "image/svg+xml", ICON),
    ]
    .into_iter()
    .fold(Router::new(), |router, (path, kind, content)| {
        let answer = [(CONTENT_TYPE, kind), (CACHE_CONTROL, KEEP_FOR_EVER)];
        router.route(
            path,
            get(move || async move { (answer, content).into_response() }),
        )
    })
}

#[cfg(test)]
mod tests;
