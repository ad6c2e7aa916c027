//! The check of the extra headers.

use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

/// Headers that belong to the connection or to the decompression: with a value of somebody else's, answers could not be
/// read, or one request could be taken for two.
const RESERVED: [HeaderName; 9] =
    [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The headers with every value marked as secret; problems name the header, never its value.
pub(super) fn check(headers: &[(String, String)], has_token: bool, problems: &mut Vec<String>) -> HeaderMap {
    let mut checked = HeaderMap::new();
    for (name, value) in headers {
        match header(name, value, has_token) {
            Ok((name, value)) => {
                checked.append(name, value);
            }
            Err(problem) => problems.push(problem),
        }
    }
    checked
}

fn header(name: &str, value: &str, has_token: bool) -> Result<(HeaderName, HeaderValue), String> {
    // The name is not repeated: somebody may have written `name: value` in the place of the name.
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| {
        "the name of an extra header is empty or not a token; use letters, digits and dashes, without the value"
            .to_owned()
    })?;
    if RESERVED.contains(&name) {
        return Err(format!("the extra header {name} is set by the connection itself; remove it"));
    }
    if name == AUTHORIZATION && has_token {
        return Err("there are both a token and an extra header authorization; remove one of them".to_owned());
    }
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| {
        format!("the value of the extra header {name} (not shown) has line ends or other characters than visible ASCII")
    })?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(headers: &[(&str, &str)], has_token: bool) -> Vec<String> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut problems = Vec::new();
        check(&headers, has_token, &mut problems);
        problems
    }

    #[test]
    fn good_headers_are_kept_and_secret() {
        let headers = [("X-Scope".to_owned(), "one".to_owned()), ("x-scope".to_owned(), " two\n".to_owned())];
        let mut problems = Vec::new();
        let checked = check(&headers, true, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(checked.get_all("x-scope").iter().collect::<Vec<_>>(), ["one", "two"]);
        assert!(checked.values().all(HeaderValue::is_sensitive));
        assert!(!format!("{checked:?}").contains("one"));
    }

    #[test]
    fn header_smuggling_through_line_ends_is_refused_and_not_repeated() {
        let found = problems(&[("x-key", "hunter2\r\nHost: evil"), ("x-key: hunter2", "y"), ("", "hunter2")], false);
        assert_eq!(found.len(), 3);
        assert!(found[0].contains("the extra header x-key (not shown)"), "{found:?}");
        assert!(!found.concat().contains("hunter2"), "{found:?}");
    }

    #[test]
    fn request_smuggling_through_framing_headers_is_refused() {
        for name in ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding"] {
            assert!(problems(&[(name, "1")], false)[0].contains("is set by the connection itself"), "{name}");
        }
    }

    #[test]
    fn authorization_is_either_a_token_or_a_header() {
        assert!(problems(&[("Authorization", "Basic eA==")], false).is_empty());
        assert!(problems(&[("Authorization", "Basic eA==")], true)[0].contains("remove one of them"));
    }
}
