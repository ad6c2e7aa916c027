//! Why a manifest could not be used, and where in it.

/// The classes of failure that a caller may treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ManifestErrorKind {
    /// The text holds no object, or none of the wanted kind.
    Empty,
    /// The text is neither JSON nor YAML.
    Syntax,
    /// Reading the text would take more memory or time than its size justifies, as with a "YAML bomb".
    TooLarge,
    /// An object of another kind than the wanted one, or of none.
    WrongKind,
    /// More objects than wanted, or two of the same name.
    Ambiguous,
    /// A field is missing or holds something that it may not hold.
    Field,
}

/// A manifest, or an object from one, that is not usable.
///
/// The message names the place as `origin:line:column: field`, as far as each of them is known, then what is wrong
/// there and what to do about it. It quotes at most a short piece of the value at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.place(), self.message)]
#[non_exhaustive]
pub struct ManifestError {
    kind: ManifestErrorKind,
    origin: Option<String>,
    position: Option<(u64, u64)>,
    field: Option<String>,
    message: String,
}

impl ManifestError {
    /// The class of the failure.
    #[must_use]
    pub fn kind(&self) -> ManifestErrorKind {
        self.kind
    }

    /// The file, as the caller named it; none for an object that did not come from a text.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The path of the field, such as `spec.containers[0].resources.requests.cpu`.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Line and column in the text, both counted from 1.
    #[must_use]
    pub fn position(&self) -> Option<(u64, u64)> {
        self.position
    }

    pub(super) fn new(kind: ManifestErrorKind, message: impl Into<String>) -> Self {
        Self { kind, origin: None, position: None, field: None, message: message.into() }
    }

    pub(super) fn in_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ManifestErrorKind::Field, message).with_field(field)
    }

    pub(super) fn with_field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()).filter(|field| !field.is_empty()), ..self }
    }

    pub(super) fn with_position(self, position: Option<(u64, u64)>) -> Self {
        Self { position, ..self }
    }

    pub(super) fn with_origin(self, origin: &str) -> Self {
        Self { origin: Some(origin.to_owned()), ..self }
    }

    /// Says in what the object stands; `parent` goes before the path of the field, with its separator.
    pub(super) fn under(self, parent: &str) -> Self {
        let field = format!("{parent}{}", self.field.as_deref().unwrap_or_default());
        self.with_field(field.trim_end_matches(['.', ',', ' ']))
    }

    fn place(&self) -> String {
        let origin = match (self.origin.as_deref().unwrap_or_default(), self.position) {
            ("", None) => String::new(),
            (origin, None) => format!("{origin}: "),
            (origin, Some((line, column))) => format!("{origin}:{line}:{column}: "),
        };
        let field = self.field.as_deref().map(|field| format!("{field}: "));
        origin + &field.unwrap_or_default()
    }
}

/// The longest piece of a manifest that an error quotes, in characters: more than any quantity or kind that somebody
/// writes by hand.
const MAX_EXCERPT: usize = 80;

/// The longest message of a parser that an error passes on, in characters: such a message may quote a whole value.
const MAX_PARSER_MESSAGE: usize = 200;

/// The beginning of a text from a manifest.
pub(super) fn excerpt(text: &str) -> String {
    shortened(text, MAX_EXCERPT)
}

/// What a parser says, unless it quotes too much.
pub(super) fn parser_message(message: &str) -> String {
    shortened(message, MAX_PARSER_MESSAGE)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)) {
        Some(beginning) => format!("{beginning}…"),
        None => text.to_owned(),
    }
}
