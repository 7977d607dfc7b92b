//! The server with the two databases: a private one that lives in the data folder, or one that is there.

use std::path::Path;

use epay_pg::{Cluster, ClusterConfig};

/// Database of the gateway.
const DATABASE: &str = "epay";
/// Database of the sandbox: another house, so another database.
const SANDBOX_DATABASE: &str = "epay_sandbox";

/// Where the databases are.
#[derive(Debug)]
pub(super) struct Server {
    /// The private one; nothing where the databases were named.
    private: Option<Cluster>,
    /// URL of the gateway's database.
    pub(super) gateway: String,
    /// URL of the sandbox's.
    pub(super) sandbox: String,
}

impl Server {
    /// Databases on a server that somebody else runs. They must be there.
    pub(super) fn there(gateway: &str, sandbox: &str) -> Self {
        Self {
            private: None,
            gateway: gateway.to_owned(),
            sandbox: sandbox.to_owned(),
        }
    }

    /// Starts a private server, and makes the databases that are missing.
    pub(super) async fn start(data_dir: &Path) -> anyhow::Result<Self> {
        eprintln!("Starting a private PostgreSQL in {}", data_dir.display());
        let cluster = Cluster::start(ClusterConfig::new(data_dir.join("postgres"))).await?;
        let mut server = Self {
            gateway: cluster.url(DATABASE),
            sandbox: cluster.url(SANDBOX_DATABASE),
            private: Some(cluster),
        };
        match server.make_databases().await {
            Ok(()) => Ok(server),
            Err(error) => {
                server.close().await?;
                Err(error)
            }
        }
    }

    async fn make_databases(&self) -> anyhow::Result<()> {
        if let Some(cluster) = &self.private {
            cluster.ensure_database(DATABASE).await?;
            cluster.ensure_database(SANDBOX_DATABASE).await?;
        }
        Ok(())
    }

    /// Stops the private server; one that was there stays.
    pub(super) async fn close(&mut self) -> anyhow::Result<()> {
        if let Some(cluster) = &mut self.private {
            cluster.stop().await?;
        }
        Ok(())
    }
}
