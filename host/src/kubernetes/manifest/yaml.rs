//! Manifests in YAML.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_saphyr::granit_parser::ErrorKind as ParserErrorKind;
use serde_saphyr::{Error as YamlError, ExternalMessageSource, MessageFormatter, UserMessageFormatter};

use super::format::{Format, checked, path_text, position};
use crate::kubernetes::error::parser_message;
use crate::kubernetes::{ManifestError, ManifestErrorKind};

/// YAML, with any number of documents.
pub(super) struct Yaml;

impl Format for Yaml {
    type Quantity = YamlQuantity;

    fn parse<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, ManifestError> {
        serde_saphyr::from_multiple_with_options(text, yaml_options(text)).map_err(|error| {
            // Of an error in what an alias stands for, this is where the alias is used.
            let place = error
                .location()
                .and_then(|place| position(usize::try_from(place.line()).ok()?, usize::try_from(place.column()).ok()?));
            yaml_error::<T>(text, original(&error)).with_position(place)
        })
    }
}

/// Limits under which reading takes time and memory in proportion to the text.
fn yaml_options(text: &str) -> serde_saphyr::Options {
    /// What aliases may add to a text, in parser events: the parser's own default for a whole text, and far more than
    /// manifests, which hardly use aliases, ever need. A "YAML bomb" of a few lines asks for billions.
    const MAX_EVENTS_FROM_ALIASES: usize = 1_000_000;
    /// The same in bytes of strings.
    const MAX_BYTES_FROM_ALIASES: usize = 16 << 20;
    /// Kubernetes objects nest less than 30 levels deep, schemas of custom resources a little more.
    const MAX_DEPTH: usize = 64;

    // Ordinary text makes far fewer events, and no more bytes of strings, than it has bytes.
    let events = text.len().saturating_add(MAX_EVENTS_FROM_ALIASES);
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_documents: events,
            max_events: events,
            max_nodes: events,
            max_total_scalar_bytes: text.len().saturating_add(MAX_BYTES_FROM_ALIASES),
            max_recorded_anchor_bytes: MAX_BYTES_FROM_ALIASES,
        },
        // A snippet would quote lines of the manifest, secrets among them.
        with_snippet: false,
    }
}

fn yaml_error<T: DeserializeOwned>(text: &str, error: &YamlError) -> ManifestError {
    match error {
        YamlError::Budget { .. }
        | YamlError::AliasReplayCounterOverflow { .. }
        | YamlError::AliasReplayLimitExceeded { .. }
        | YamlError::AliasExpansionLimitExceeded { .. }
        | YamlError::AliasReplayStackDepthExceeded { .. } => too_large(),
        YamlError::ExternalMessage { source, .. } if is_recursion_limit(source) => too_large(),
        YamlError::ExternalMessage { .. }
        | YamlError::Eof { .. }
        | YamlError::UnknownAnchor { .. }
        | YamlError::ContainerEndMismatch { .. }
        | YamlError::UnexpectedSequenceEnd { .. }
        | YamlError::UnexpectedMappingEnd { .. }
        | YamlError::FoldedBlockScalarMustIndentContent { .. } => {
            let message = format!("not YAML: {}; correct the text there", field_message(error));
            ManifestError::new(ManifestErrorKind::Syntax, message)
        }
        _ => ManifestError::new(ManifestErrorKind::Field, field_message(error)).with_field(failing_path::<T>(text)),
    }
}

fn too_large() -> ManifestError {
    let message = "too many aliases or too deeply nested; write aliases out, and make sure that this is a manifest";
    ManifestError::new(ManifestErrorKind::TooLarge, message)
}

fn is_recursion_limit(source: &ExternalMessageSource) -> bool {
    match source {
        ExternalMessageSource::Parser(error) => matches!(error.kind(), ParserErrorKind::RecursionLimitExceeded),
        _ => false,
    }
}

/// What the parser says, in words that need no knowledge of the parser.
fn field_message(error: &YamlError) -> String {
    match error {
        YamlError::Unexpected { expected: "mapping start", .. } => "not a mapping; write keys with values".to_owned(),
        YamlError::Unexpected { expected: "sequence start", .. } => "not a list; write items after dashes".to_owned(),
        YamlError::Unexpected { expected: "string scalar", .. } => "not a single value; write one".to_owned(),
        // The priority is the only number among the fields, except for quantities, which are read as strings.
        YamlError::InvalidScalar { .. } => "not a whole number of 32 bits; write one".to_owned(),
        _ => parser_message(&UserMessageFormatter.format_message(error)),
    }
}

/// The path of the first field that cannot be read.
///
/// Takes reading the text once more, because the parser of several documents takes a type and not a deserializer that
/// could carry the path out.
fn failing_path<T: DeserializeOwned>(text: &str) -> String {
    /// Reads as `T` does, but fails with the path as the message.
    struct Located<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let document: Result<T, _> = serde_path_to_error::deserialize(deserializer);
            document.map(|_| Self(PhantomData)).map_err(|error| D::Error::custom(path_text(error.path())))
        }
    }

    match serde_saphyr::from_multiple_with_options::<Located<T>>(text, yaml_options(text)) {
        Err(YamlError::Message { msg, .. }) => msg,
        _ => String::new(),
    }
}

/// The error without what the parser wraps around it.
fn original(error: &YamlError) -> &YamlError {
    match error {
        YamlError::AliasError { error, .. } | YamlError::WithSnippet { error, .. } => original(error),
        _ => error,
    }
}

/// A quantity in YAML: any scalar, by its text, or nothing, which the Kubernetes API reads as 0.
pub(super) struct YamlQuantity(String);

impl<'de> Deserialize<'de> for YamlQuantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        checked(text.unwrap_or_else(|| "0".to_owned())).map(Self)
    }
}

impl From<YamlQuantity> for String {
    fn from(quantity: YamlQuantity) -> Self {
        quantity.0
    }
}
