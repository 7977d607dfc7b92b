//! Generates the crate from the `.proto` files, without `protoc`: messages and tonic services, their proto3 JSON,
//! the shape rules of requests, the JSON-over-HTTP routes and the OpenAPI document.
//!
//! Order: compile all files with `protox` into one descriptor set; write that set; run the three generators on it.

mod openapi;
mod shapes;

use std::error::Error;
use std::path::{Path, PathBuf};

use rest_over_grpc::build::{DescriptorOptions, Generator, ServiceDefinition};

/// The package whose types are generated; everything else is only imported.
const PACKAGE: &str = ".epay.v1";

/// The message whose JSON is always whole.
const AMOUNT: &str = ".epay.v1.Amount";

/// Messages that say where a person is reached, or which account is theirs: `src/unprinted.rs` says what is printed of them.
const PERSONAL: [&str; 4] = [
    ".epay.v1.ContactPoint",
    ".epay.v1.FindSubscriberRequest",
    ".epay.v1.Subscription",
    ".epay.v1.CreateSubscriptionRequest",
];

/// The files of [`PACKAGE`], relative to this crate.
const FILES: [&str; 17] = [
    "epay/v1/common.proto",
    "epay/v1/bill.proto",
    "epay/v1/payment.proto",
    "epay/v1/proposal.proto",
    "epay/v1/reconciliation.proto",
    "epay/v1/refund.proto",
    "epay/v1/operations.proto",
    "epay/v1/qr.proto",
    "epay/v1/ledger.proto",
    "epay/v1/log.proto",
    "epay/v1/statement.proto",
    "epay/v1/feed.proto",
    "epay/v1/webhook.proto",
    "epay/v1/notice.proto",
    "epay/v1/rail_file.proto",
    "epay/v1/event.proto",
    "epay/v1/notification.proto",
];

#[expect(
    clippy::print_stdout,
    reason = "this is how a build script talks to cargo"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["epay", "google", "build"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true);
    compiler.include_source_info(true);
    compiler.open_files(FILES)?;
    // The encoded form keeps custom options (`google.api.http`); the prost struct drops them.
    let descriptors = compiler.encode_file_descriptor_set();
    std::fs::write(out.join("epay.v1.descriptors.bin"), &descriptors)?;

    messages(compiler.file_descriptor_set())?;
    json(&descriptors, &out)?;
    rest(&descriptors, &out)?;
    std::fs::write(out.join("epay.v1.openapi.json"), openapi::document(&out)?)?;
    Ok(())
}

/// Messages, clients and servers, with the shape rules of requests as attributes.
fn messages(descriptors: prost_types::FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    let builder = tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .compile_well_known_types(true)
        .skip_debug(PERSONAL)
        .extern_path(".google.protobuf", "::pbjson_types");
    shapes::apply(builder).compile_fds(descriptors)?;
    Ok(())
}

/// The canonical proto3 JSON of every message: fields that are empty, zero or false are left out. Except of amounts:
/// an amount of nothing says so.
fn json(descriptors: &[u8], out: &Path) -> Result<(), Box<dyn Error>> {
    let builder = || -> Result<pbjson_build::Builder, Box<dyn Error>> {
        let mut builder = pbjson_build::Builder::new();
        builder
            .register_descriptors(descriptors)?
            .extern_path(".google.protobuf", "::pbjson_types");
        Ok(builder)
    };
    builder()?.exclude([AMOUNT]).build(&[PACKAGE])?;
    let amounts = builder()?
        .emit_fields()
        .generate(&[AMOUNT], |_| Ok(Vec::new()))?;
    for (_, code) in amounts {
        std::fs::write(out.join("epay.v1.amount.serde.rs"), code)?;
    }
    Ok(())
}

/// The routes of `google.api.http` and their bridge to the tonic services.
fn rest(descriptors: &[u8], out: &Path) -> Result<(), Box<dyn Error>> {
    let options = DescriptorOptions::new()
        .package(PACKAGE)
        .extern_path(".google.protobuf", "::pbjson_types");
    let mut generator = Generator::new();
    generator.add_all(ServiceDefinition::from_fds(descriptors, &options)?);
    generator.write(out)?;
    Ok(())
}
