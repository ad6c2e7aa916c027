//! The error of a policy: words for a person.

use std::fmt::Display;

/// Why a policy refuses its settings, or refuses to score.
///
/// Made from anything that can be displayed, so that `?` works on every error, on `&str` and on `String`. That is why it
/// does not implement [`Display`] itself: [`Refusal::words`] gives the text.
///
/// ```
/// use scorelet_guest::Refusal;
///
/// fn parse(text: &str) -> Result<u32, Refusal> {
///     if text.is_empty() {
///         return Err("the number is missing".into());
///     }
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(parse("").unwrap_err().words(), "the number is missing");
/// assert_eq!(parse("x").unwrap_err().words(), "invalid digit found in string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

impl Refusal {
    /// Refuses in these words: what is wrong, where, and what to do about it.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// Puts the place in front of the words: `place: words`.
    #[must_use]
    pub fn at(self, place: impl Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.0
    }

    /// The words, as the host gets them.
    #[must_use]
    pub fn into_words(self) -> String {
        self.0
    }
}

impl<E: Display> From<E> for Refusal {
    fn from(error: E) -> Self {
        // The alternate form: error types that know their causes (such as `anyhow::Error`) write them out in it.
        Self(format!("{error:#}"))
    }
}
