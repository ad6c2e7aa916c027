//! Manifests in JSON.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::format::{Format, checked, path_text, position};
use crate::kubernetes::error::parser_message;
use crate::kubernetes::{ManifestError, ManifestErrorKind};

/// JSON; several documents may follow each other, as after `kubectl get … -o json >> file`.
pub(super) struct Json;

impl Format for Json {
    type Quantity = JsonQuantity;

    fn parse<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, ManifestError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut documents = Vec::new();
        while deserializer.end().is_err() {
            let document = serde_path_to_error::deserialize(&mut deserializer);
            documents.push(document.map_err(|error| json_error(error.inner(), error.path()))?);
        }
        Ok(documents)
    }
}

fn json_error(error: &serde_json::Error, path: &serde_path_to_error::Path) -> ManifestError {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let message = parser_message(message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message));
    let error = if error.classify() == Category::Data {
        ManifestError::new(ManifestErrorKind::Field, message).with_field(path_text(path))
    } else {
        ManifestError::new(ManifestErrorKind::Syntax, format!("not JSON: {message}; correct the text there"))
    };
    error.with_position(position(line, column))
}

const NOT_A_QUANTITY: &str = "not a quantity; write a number or a string such as 500m, 1.5 or 2Gi";

/// A quantity in JSON: a string or a number, or `null`, which the Kubernetes API reads as 0.
pub(super) struct JsonQuantity(String);

impl<'de> Deserialize<'de> for JsonQuantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map_err(D::Error::custom)?,
            Some(b'-' | b'0'..=b'9') => raw.get().to_owned(),
            Some(b'n') => "0".to_owned(),
            _ => return Err(D::Error::custom(NOT_A_QUANTITY)),
        };
        checked(text).map(Self)
    }
}

impl From<JsonQuantity> for String {
    fn from(quantity: JsonQuantity) -> Self {
        quantity.0
    }
}
