//! From the settings' JSON text to a policy's own type.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};

use crate::Refusal;

/// The settings of a policy that has none: nothing, `null` and `{}` are accepted, everything else is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoSettings;

impl<'de> Deserialize<'de> for NoSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nothing;

        impl<'de> Visitor<'de> for Nothing {
            type Value = NoSettings;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`{}`, because this policy has no settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NoSettings, A::Error> {
                match map.next_key::<String>()? {
                    None => Ok(NoSettings),
                    Some(key) => Err(Error::custom(format_args!("this policy has no settings, not even `{key}`"))),
                }
            }
        }

        deserializer.deserialize_map(Nothing)
    }
}

/// Reads settings: the empty string and `null` ask for the defaults, everything else is a JSON document.
pub(crate) fn parse<T: DeserializeOwned + Default>(text: &str) -> Result<T, Refusal> {
    let text = text.trim();
    if text.is_empty() || text == "null" {
        return Ok(T::default());
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let refusal = Refusal::from(error.into_inner());
        // The path of the document itself says nothing.
        if path == "." { refusal } else { refusal.at(format_args!("`{path}`")) }
    })?;
    deserializer.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Settings {
        margin: f64,
        weights: Weights,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Weights {
        cpu: f64,
    }

    impl Default for Settings {
        fn default() -> Self {
            Self { margin: 1.0, weights: Weights::default() }
        }
    }

    fn words(text: &str) -> String {
        parse::<Settings>(text).unwrap_err().into_words()
    }

    #[test]
    fn nothing_and_null_are_the_defaults() {
        for text in ["", "  \n", "null", " null\n", "{}"] {
            assert_eq!(parse::<Settings>(text).unwrap(), Settings::default(), "{text:?}");
        }
    }

    #[test]
    fn a_document_is_read() {
        let settings = parse::<Settings>(r#" {"margin": 2, "weights": {"cpu": 0.5}} "#).unwrap();
        assert_eq!(settings, Settings { margin: 2.0, weights: Weights { cpu: 0.5 } });
    }

    #[test]
    fn a_wrong_value_is_refused_by_the_path_of_its_field() {
        assert_eq!(
            words(r#"{"weights": {"cpu": "much"}}"#),
            "`weights.cpu`: invalid type: string \"much\", expected f64 at line 1 column 26"
        );
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let words = words(r#"{"magin": 2}"#);
        assert!(words.starts_with("`magin`: unknown field `magin`"), "{words}");
    }

    #[test]
    fn text_that_is_not_one_document_is_refused() {
        assert_eq!(words("{} {}"), "trailing characters at line 1 column 4");
        assert_eq!(words("nul"), "EOF while parsing a value at line 1 column 3");
    }

    #[test]
    fn no_settings_accepts_an_empty_object_and_nothing_else() {
        for text in ["", "null", "{}", " { } "] {
            assert_eq!(parse::<NoSettings>(text).unwrap(), NoSettings, "{text:?}");
        }
        for text in [r#"{"margin": 1}"#, "[]", "1", "\"x\"", "{"] {
            assert!(parse::<NoSettings>(text).is_err(), "{text:?}");
        }
        let words = parse::<NoSettings>(r#"{"margin": 1}"#).unwrap_err().into_words();
        assert!(words.contains("this policy has no settings, not even `margin`"), "{words}");
    }
}
