//! The bearer token: a value, or a file that is read anew for each request.

use std::fmt;
use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;

use super::file;
use super::options::Token;

/// The largest token, in bytes: servers commonly refuse all headers together beyond this.
const MAX_TOKEN_BYTES: u64 = 16 * 1024;

/// Where the header `Authorization` comes from.
pub(super) enum BearerToken {
    /// The whole value of the header, marked as secret.
    Value(HeaderValue),
    File(PathBuf),
}

impl BearerToken {
    /// Checks a token that was given as a value; a file is read when it is needed.
    pub(super) fn new(token: Token) -> Result<Self, String> {
        match token {
            Token::Value(secret) => {
                header(secret.as_bytes()).map(Self::Value).map_err(|problem| format!("the token {problem}"))
            }
            Token::File(path) if path.as_os_str().is_empty() => {
                Err("the path of the token file is empty; name the file, or give no token".to_owned())
            }
            Token::File(path) => Ok(Self::File(path)),
        }
    }

    /// The value of the header now. An error names the file and never shows its content.
    pub(super) async fn header(&self) -> Result<HeaderValue, String> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            // Two reads in ten seconds cost nothing; a cache could serve a token that is no longer valid.
            Self::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || {
                    read(&path).map_err(|problem| format!("the token file {} {problem}", path.display()))
                })
                .await
                .unwrap_or_else(|_| Err("the token file was not read because the program is stopping".to_owned()))
            }
        }
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => formatter.write_str("Value(***)"),
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
        }
    }
}

fn read(path: &Path) -> Result<HeaderValue, String> {
    header(&file::read(path, MAX_TOKEN_BYTES).map_err(|error| format!("cannot be read: {error}"))?)
}

fn header(token: &[u8]) -> Result<HeaderValue, String> {
    if u64::try_from(token.len()).is_ok_and(|length| length > MAX_TOKEN_BYTES) {
        return Err(format!("is longer than {MAX_TOKEN_BYTES} bytes, which is no bearer token"));
    }
    let token = token.trim_ascii();
    if token.is_empty() {
        return Err("is empty; put a bearer token into it, or give none".to_owned());
    }
    if !token.iter().all(u8::is_ascii_graphic) {
        return Err("has characters that no bearer token has; it must be one word of visible ASCII".to_owned());
    }
    let mut value =
        HeaderValue::from_bytes(&[b"Bearer ", token].concat()).map_err(|_| "cannot be sent in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
