//! Redirects stay within the origin: the token and the extra headers go wherever a request goes.

use reqwest::Url;
use reqwest::redirect::Policy;

/// How many redirects one request may take: more than any gateway needs to add a slash, few enough to end a loop early.
const MAX_REDIRECTS: usize = 5;

/// Why a redirect was not followed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RedirectRefused {
    /// It leads to another scheme, host or port.
    #[error(
        "it redirects to {target}, which is another origin and is not followed, because credentials would go there; if \
         that is the load monitor, give it as the address"
    )]
    OtherOrigin {
        /// Scheme, host and port, without path and query.
        target: String,
    },
    /// A loop, or something like one.
    #[error(
        "it redirected more than {MAX_REDIRECTS} times, which looks like a loop; check the address and the gateway"
    )]
    TooMany,
}

/// Follows redirects to the same scheme, host and port, up to [`MAX_REDIRECTS`].
pub(super) fn same_origin() -> Policy {
    Policy::custom(|attempt| {
        if attempt.previous().first().is_none_or(|first| origin(first) != origin(attempt.url())) {
            let target = shown(attempt.url());
            attempt.error(RedirectRefused::OtherOrigin { target })
        } else if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error(RedirectRefused::TooMany)
        } else {
            attempt.follow()
        }
    })
}

fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// Scheme, host and port. Hosts are ASCII without control characters once they are part of a URL.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}
