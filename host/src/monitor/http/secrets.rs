//! Values that must not be shown, so that they can be recognised in what others send.

use reqwest::header::HeaderValue;

/// Shorter values are not looked for: they would be found in any text, and protect nothing.
const MIN_BYTES: usize = 4;

/// So much of a value is looked for: few enough to find one that was cut off, enough not to occur by chance.
const PREFIX_BYTES: usize = 8;

/// The beginnings of all secret values of one call.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    beginnings: Vec<Vec<u8>>,
}

impl Secrets {
    /// Adds the value of a header. Of several words the last one counts: `Bearer abc` as a whole would begin like every
    /// text about bearer tokens.
    pub(super) fn add(&mut self, value: &HeaderValue) {
        let secret = value.as_bytes().rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        if secret.len() >= MIN_BYTES {
            self.beginnings.push(secret.iter().copied().take(PREFIX_BYTES).collect());
        }
    }

    pub(super) fn occur_in(&self, bytes: &[u8]) -> bool {
        self.beginnings.iter().any(|beginning| bytes.windows(beginning.len()).any(|window| window == beginning))
    }
}
