//! The OpenAPI document of the JSON-over-HTTP interface.
//!
//! `rest_over_grpc` writes paths and schemas, but leaves out every path whose variable captures more than one segment
//! (`{name=billers/*/bills/*}`), and writes no words. So: compile a copy of the files in which such a variable stands
//! as a marker segment and a plain variable, generate, then turn each marker into `billers/{biller}/bills/{bill}`, and
//! add the comments of the files, the fields that must be set, the bearer token and the shape of errors.

mod words;

use std::error::Error;
use std::path::Path;

use protox::prost_reflect::{DescriptorPool, MethodDescriptor};
use rest_over_grpc::build::{DescriptorOptions, Generator, OpenApiInfo, ServiceDefinition};
use serde_json::{Map, Value, json};

use self::words::{comment, describe_schemas};
use crate::{FILES, PACKAGE};

/// Files that [`FILES`] import from this folder.
const IMPORTS: [&str; 4] = [
    "google/api/annotations.proto",
    "google/api/field_behavior.proto",
    "google/api/http.proto",
    "google/api/resource.proto",
];

/// Begins the marker segment that stands for a captured resource name.
const MARK: &str = "__";

/// What a message of one request loses from its body schema: the fields that its path carries.
struct Captured {
    message: String,
    field: String,
}

/// Writes the document of all services as pretty JSON.
pub(crate) fn document(out: &Path) -> Result<String, Box<dyn Error>> {
    let copy = out.join("openapi");
    for file in FILES.into_iter().chain(IMPORTS) {
        let target = copy.join(file);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, mark_captures(&std::fs::read_to_string(file)?))?;
    }
    let mut compiler = protox::Compiler::new([copy])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(FILES)?;

    let options = DescriptorOptions::new()
        .package(PACKAGE)
        .extern_path(".google.protobuf", "::pbjson_types");
    let info = OpenApiInfo::new("epay", env!("CARGO_PKG_VERSION"));
    let mut generator = Generator::builder().emit_openapi_spec(Some(info)).build();
    generator.add_all(ServiceDefinition::from_fds(
        compiler.encode_file_descriptor_set(),
        &options,
    )?);

    let pool = compiler.descriptor_pool();
    let (mut paths, mut schemas, mut captured) = (Map::new(), Map::new(), Vec::new());
    for output in generator.generate()?.1 {
        let spec: Value = serde_json::from_str(
            output
                .openapi_spec()
                .ok_or("a service has no OpenAPI document")?,
        )?;
        if spec.get("x-rest-over-grpc-omitted-operations").is_some() {
            return Err(format!(
                "{} has an operation that OpenAPI cannot show",
                output.trait_name()
            )
            .into());
        }
        let service = pool
            .get_service_by_name(&format!("epay.v1.{}", output.trait_name()))
            .ok_or("a generated service is not in the files")?;
        for (path, item) in object(&spec, "paths") {
            let (path, names) = expand(&path);
            let mut item = item;
            for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
                let method = service
                    .methods()
                    .find(|method| operation["operationId"] == method.name())
                    .ok_or("a generated operation is not in the files")?;
                finish_operation(operation, &method, &names, &mut captured);
            }
            merge(&mut paths, path, item);
        }
        schemas.extend(object(
            spec.get("components").unwrap_or(&Value::Null),
            "schemas",
        ));
    }
    describe_schemas(&pool, &mut schemas, &captured);
    Ok(serde_json::to_string_pretty(&assemble(
        &pool, paths, schemas,
    ))?)
}

/// `{name=billers/*/bills/*}` becomes `__name__billers__bills/{name}`.
fn mark_captures(source: &str) -> String {
    let mut marked = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('{') {
        marked.push_str(before);
        let capture = after.split_once('}').and_then(|(inside, tail)| {
            let (field, pattern) = inside.split_once('=')?;
            let named = field
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            (named && pattern.ends_with("/*")).then_some((field, pattern, tail))
        });
        if let Some((field, pattern, tail)) = capture {
            let collections: Vec<&str> = pattern
                .split('/')
                .filter(|segment| *segment != "*")
                .collect();
            marked.push_str(&format!(
                "{MARK}{field}{MARK}{}/{{{field}}}",
                collections.join(MARK)
            ));
            rest = tail;
        } else {
            marked.push('{');
            rest = after;
        }
    }
    marked.push_str(rest);
    marked
}

/// The path with its markers expanded, and for each captured field the names of its parameters.
fn expand(path: &str) -> (String, Vec<(String, Vec<String>)>) {
    let (mut expanded, mut captures) = (Vec::new(), Vec::new());
    let mut segments = path.split('/');
    while let Some(segment) = segments.next() {
        let Some(marker) = segment.strip_prefix(MARK) else {
            expanded.push(segment.to_owned());
            continue;
        };
        let mut words = marker.split(MARK);
        let field = words.next().unwrap_or_default().to_owned();
        let mut names = Vec::new();
        for collection in words {
            let name = collection.strip_suffix('s').unwrap_or(collection);
            expanded.push(collection.to_owned());
            expanded.push(format!("{{{name}}}"));
            names.push(name.to_owned());
        }
        // The plain variable that follows the marker; a verb such as ":withdraw" may hang on it.
        let variable = segments.next().unwrap_or_default();
        let verb = variable.split_once('}').map_or("", |(_, verb)| verb);
        if let Some(last) = expanded.last_mut() {
            last.push_str(verb);
        }
        captures.push((field, names));
    }
    (expanded.join("/"), captures)
}

fn finish_operation(
    operation: &mut Value,
    method: &MethodDescriptor,
    captures: &[(String, Vec<String>)],
    captured: &mut Vec<Captured>,
) {
    let comment = comment(&method.parent_file(), method.path());
    let first = comment
        .split_once(". ")
        .map_or(comment.as_str(), |(first, _)| first);
    operation["summary"] = first.trim_end_matches('.').into();
    operation["description"] = comment.as_str().into();
    operation["tags"] = json!([method.parent_service().name()]);
    for (field, names) in captures {
        let resource: Vec<String> = names
            .iter()
            .map(|name| format!("{name}s/{{{name}}}"))
            .collect();
        let parameters = names.iter().map(|name| {
            json!({
                "in": "path", "name": name, "required": true, "schema": {"type": "string"},
                "description": format!("Part of the resource name `{}`.", resource.join("/")),
            })
        });
        if let Some(all) = operation["parameters"].as_array_mut() {
            all.retain(|parameter| {
                parameter["in"] != "path" || parameter["name"] != field.as_str()
            });
            all.splice(0..0, parameters);
        }
        captured.push(Captured {
            message: method.input().full_name().to_owned(),
            field: field.clone(),
        });
    }
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        let problem = json!({
            "description": "A problem: what happened, whether money moved, and what to do next.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        responses.insert("default".to_owned(), problem);
    }
}

/// Puts the operations of one path beside those that another binding gave it.
fn merge(paths: &mut Map<String, Value>, path: String, item: Value) {
    match (paths.get_mut(&path).and_then(Value::as_object_mut), item) {
        (Some(known), Value::Object(more)) => known.extend(more),
        (_, item) => {
            paths.insert(path, item);
        }
    }
}

fn object(value: &Value, key: &str) -> Map<String, Value> {
    value
        .get(key)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn assemble(
    pool: &DescriptorPool,
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
) -> Value {
    let tags: Vec<Value> = pool
        .services()
        .map(|service| json!({"name": service.name(), "description": comment(&service.parent_file(), service.path())}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "epay",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Payment of government bills: JSON over HTTP, generated from the gRPC interface `epay.v1`. \
                Amounts are whole minor units, written as strings because they are 64 bits wide.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}
