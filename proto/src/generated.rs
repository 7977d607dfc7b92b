//! What the build script generates. The modules follow the package path, because the generated routes name it so.

#![expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::doc_markdown,
    clippy::map_err_ignore,
    clippy::too_many_lines,
    reason = "generated code spells every path out and carries its own allowances"
)]

pub(crate) mod epay {
    /// Messages, clients and servers of `epay.v1`.
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/epay.v1.rs"));
        include!(concat!(env!("OUT_DIR"), "/epay.v1.serde.rs"));
        include!(concat!(env!("OUT_DIR"), "/epay.v1.amount.serde.rs"));
        include!(concat!(env!("OUT_DIR"), "/epay.v1.rest.rs"));
    }
}

/// JSON over HTTP for every service: `Transcoder` answers requests by calling the services that it is built from.
pub mod rest {
    use super::epay;
    include!(concat!(env!("OUT_DIR"), "/transcoder.rest.rs"));
}
