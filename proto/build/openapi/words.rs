//! Words for the OpenAPI document: the comments of the files, the fields that must be set, and the shape of errors.

use protox::prost_reflect::{
    DescriptorPool, FieldDescriptor, FileDescriptor, MessageDescriptor, Value as Reflected,
};
use serde_json::{Map, Value, json};

use super::Captured;

/// `google.api.FieldBehavior.REQUIRED`.
const REQUIRED: i32 = 2;

/// Adds comments and required fields, and takes away what the path carries already.
pub(super) fn describe_schemas(
    pool: &DescriptorPool,
    schemas: &mut Map<String, Value>,
    captured: &[Captured],
) {
    schemas.remove("google.rpc.Status");
    for message in pool.all_messages() {
        if let Some(schema) = schemas.get_mut(message.full_name()) {
            describe_message(pool, &message, schema, captured);
        }
    }
    for kind in pool.all_enums() {
        if let Some(schema) = schemas.get_mut(kind.full_name()) {
            let values: Vec<String> = kind
                .values()
                .map(|value| {
                    (
                        value.name().to_owned(),
                        comment(&kind.parent_file(), value.path()),
                    )
                })
                .filter(|(_, comment)| !comment.is_empty())
                .map(|(name, comment)| format!("* `{name}`: {comment}"))
                .collect();
            schema["description"] = format!(
                "{}\n\n{}",
                comment(&kind.parent_file(), kind.path()),
                values.join("\n")
            )
            .into();
        }
    }
    schemas.insert("Problem".to_owned(), problem());
}

fn describe_message(
    pool: &DescriptorPool,
    message: &MessageDescriptor,
    schema: &mut Value,
    captured: &[Captured],
) {
    let file = message.parent_file();
    let text = comment(&file, message.path());
    if !text.is_empty() {
        schema["description"] = text.into();
    }
    let mut required = Vec::new();
    for field in message.fields() {
        let in_path = captured.iter().any(|captured| {
            captured.message == message.full_name() && captured.field == field.name()
        });
        if in_path {
            if let Some(properties) = schema["properties"].as_object_mut() {
                properties.remove(field.json_name());
            }
            continue;
        }
        let text = comment(&file, field.path());
        let property = schema
            .get_mut("properties")
            .and_then(|properties| properties.get_mut(field.json_name()));
        if let (Some(property), false) = (property, text.is_empty()) {
            property["description"] = text.into();
        }
        if is_required(pool, &field) {
            required.push(field.json_name().to_owned());
        }
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
}

fn is_required(pool: &DescriptorPool, field: &FieldDescriptor) -> bool {
    let Some(extension) = pool.get_extension_by_name("google.api.field_behavior") else {
        return false;
    };
    match field.options().get_extension(&extension).as_ref() {
        Reflected::List(behaviours) => behaviours
            .iter()
            .any(|behaviour| behaviour.as_enum_number() == Some(REQUIRED)),
        _ => false,
    }
}

/// The leading comment at a path of a file, as one line.
pub(super) fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let proto = file.file_descriptor_proto();
    let locations = proto
        .source_code_info
        .iter()
        .flat_map(|info| &info.location);
    locations
        .filter(|location| location.path == path)
        .find_map(|location| location.leading_comments.as_deref())
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

/// RFC 9457, with the members that we add.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "reason"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Names the kind of problem."},
            "title": {"type": "string", "description": "The kind of problem, in words."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {"type": "string", "description": "What happened, whether money moved, and what to do next."},
            "reason": {"type": "string", "description": "Stable code of the cause, for programs."},
            "errors": {
                "type": "array",
                "description": "The fields that are wrong.",
                "items": {
                    "type": "object",
                    "required": ["field", "reason", "detail"],
                    "properties": {
                        "field": {"type": "string", "description": "Path of the field in the request."},
                        "reason": {"type": "string", "description": "Stable code of the cause, for programs."},
                        "detail": {"type": "string", "description": "The cause, in words."},
                    },
                },
            },
            "metadata": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Facts about the cause, such as the highest amount that may be paid.",
            },
            "requestId": {"type": "string", "description": "Names this request when you ask for help."},
        },
    })
}
