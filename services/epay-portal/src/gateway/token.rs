//! The bearer token: given once, or read again from a file that someone else keeps fresh.

use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use tokio::sync::RwLock;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

use super::Failure;
use crate::config::TokenSource;

/// How long a token that was read from a file is used before the file is read again.
const REREAD_INTERVAL: Duration = Duration::from_secs(5);

type Header = MetadataValue<Ascii>;

/// Hands out the `authorization` header.
pub(super) struct Tokens {
    source: TokenSource,
    held: RwLock<Option<(Instant, Header)>>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(source: TokenSource) -> Self {
        Self {
            source,
            held: RwLock::new(None),
        }
    }

    /// Puts the header into a request.
    pub(super) async fn authorise<T>(&self, request: &mut Request<T>) -> Result<(), Failure> {
        let header = self.header().await?;
        request.metadata_mut().insert("authorization", header);
        Ok(())
    }

    async fn header(&self) -> Result<Header, Failure> {
        if let Some((read_at, header)) = self.held.read().await.as_ref()
            && self.still_good(*read_at)
        {
            return Ok(header.clone());
        }
        let mut held = self.held.write().await;
        // Another task may have read it while this one waited for the lock.
        if let Some((read_at, header)) = held.as_ref()
            && self.still_good(*read_at)
        {
            return Ok(header.clone());
        }
        let header = self.read().await?;
        *held = Some((Instant::now(), header.clone()));
        Ok(header)
    }

    fn still_good(&self, read_at: Instant) -> bool {
        match self.source {
            TokenSource::Secret(_) => true,
            TokenSource::File(_) => read_at.elapsed() < REREAD_INTERVAL,
        }
    }

    async fn read(&self) -> Result<Header, Failure> {
        let bearer = match &self.source {
            TokenSource::Secret(token) => format!("Bearer {}", token.expose_secret().trim()),
            TokenSource::File(path) => {
                let token = tokio::fs::read_to_string(path).await.map_err(|error| {
                    tracing::error!(%error, path = %path.display(), "The token file cannot be read");
                    Failure::Broken("the token file cannot be read".to_owned())
                })?;
                format!("Bearer {}", token.trim())
            }
        };
        let mut header: Header = bearer
            .parse()
            .map_err(|_not_ascii| Failure::Broken("the token is not a header value".to_owned()))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    async fn header_of(tokens: &Tokens) -> Option<String> {
        let mut request = Request::new(());
        tokens.authorise(&mut request).await.ok()?;
        Some(
            request
                .metadata()
                .get("authorization")?
                .to_str()
                .ok()?
                .to_owned(),
        )
    }

    #[tokio::test]
    async fn a_secret_becomes_a_bearer_header_and_is_never_printed() {
        let tokens = Tokens::new(TokenSource::Secret(SecretString::from("abc.def\n")));
        assert_eq!(header_of(&tokens).await.as_deref(), Some("Bearer abc.def"));
        assert!(!format!("{tokens:?}").contains("abc"));
    }

    #[tokio::test]
    async fn a_file_is_read_and_a_missing_file_is_a_failure_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let tokens = Tokens::new(TokenSource::File(path.clone()));
        assert_eq!(header_of(&tokens).await, None);
        std::fs::write(&path, "first\n").unwrap();
        assert_eq!(header_of(&tokens).await.as_deref(), Some("Bearer first"));
    }
}
