//! Strict JSON as a small tree: no comments, no doubled members, no fractions, bounded in depth and in members.
//!
//! Two readers of one text must not see two things, or one of them can be shown what the other verified. So a member that
//! stands twice is refused, not resolved, and a number is an integer or nothing. Texts are wiped when dropped, because
//! the same reader serves what was decrypted.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// Levels of objects and lists inside each other. A token has three.
const DEPTH_MAX: u8 = 6;
/// Members of all objects and lists together. A token has twenty.
const VALUES_MAX: u16 = 200;

/// A value. It has no `Debug`: it may hold a card number.
pub(crate) enum Value {
    Null,
    Bool,
    Integer(i64),
    Text(Zeroizing<String>),
    List(Vec<Self>),
    Object(Object),
}

/// The members of an object, each name once, in the order of the text.
pub(crate) struct Object(Vec<(String, Value)>);

/// Reads a text that is one JSON object and nothing else.
pub(crate) fn object(text: &[u8]) -> Option<Object> {
    let mut left = VALUES_MAX;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let seed = Seed {
        depth: DEPTH_MAX,
        left: &mut left,
    };
    let value = seed.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    value.into_object()
}

impl Value {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool | Self::Integer(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Null | Self::Bool | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            Self::Null | Self::Bool | Self::Integer(_) | Self::Text(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Null | Self::Bool | Self::Integer(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Null | Self::Bool | Self::Integer(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl Object {
    /// A member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(own, value)| own == name && !value.is_null())
            .map(|(_own, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// Whether every member that is not null has one of these names.
    pub(crate) fn has_only(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .all(|(own, value)| value.is_null() || names.contains(&own.as_str()))
    }
}

/// Reads one value with what is left of the bounds.
struct Seed<'a> {
    depth: u8,
    left: &'a mut u16,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        *self.left = (self.left)
            .checked_sub(1)
            .ok_or_else(|| D::Error::custom("too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl Seed<'_> {
    fn inner<E: Error>(&mut self) -> Result<Seed<'_>, E> {
        let depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| E::custom("too deep"))?;
        Ok(Seed {
            depth,
            left: self.left,
        })
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, _value: bool) -> Result<Value, E> {
        Ok(Value::Bool)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        let value = i64::try_from(value).map_err(E::custom)?;
        Ok(Value::Integer(value))
    }

    fn visit_f64<E: Error>(self, _value: f64) -> Result<Value, E> {
        Err(E::custom("a number that is no integer"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(Zeroizing::new(value.to_owned())))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(Zeroizing::new(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.inner()?)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.iter().any(|(own, _value)| *own == name) {
                return Err(A::Error::custom("a member stands twice"));
            }
            let value = map.next_value_seed(self.inner()?)?;
            members.push((name, value));
        }
        Ok(Value::Object(Object(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::{VALUES_MAX, object};

    #[test]
    fn only_one_reading_is_taken() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(6), "]".repeat(6));
        let wide = format!("{{\"a\":[{}1]}}", "1,".repeat(usize::from(VALUES_MAX)));
        for (text, taken) in [
            (r#"{"a":"b","c":{"d":[1,null,true]}}"#, true),
            ("{}", true),
            (r#" {"a" : 1} "#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"a":{"b":1,"b":2}}"#, false),
            (r#"{"a":1,"\u0061":2}"#, false),
            (r#"{"a":1}{"#, false),
            (r#"{"a":1} x"#, false),
            (r#"{"a":1,}"#, false),
            (r#"{'a':1}"#, false),
            ("{\"a\":1 // note\n}", false),
            (r#"{"a":1.5}"#, false),
            (r#"{"a":1e2}"#, false),
            (r#"{"a":NaN}"#, false),
            (r#"{"a":18446744073709551615}"#, false),
            ("[1]", false),
            ("\"a\"", false),
            ("", false),
            ("\u{feff}{}", false),
            (deep.as_str(), false),
            (wide.as_str(), false),
        ] {
            assert_eq!(object(text.as_bytes()).is_some(), taken, "{text}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_none());
    }
}
