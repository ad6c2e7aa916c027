//! The address of a load monitor: what people write, and the URL that it means.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::options::DEFAULT_PORT;

/// The longest part of an address that a message repeats: enough for a host name of DNS (253) and a port.
const SHOWN_CHARS: usize = 260;

/// What to write instead, where nothing more precise can be said.
const EXAMPLE: &str = "write one such as http://monitor:2020";

/// A base address that is known to work as one: `http` or `https`, a host, and nothing that is secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    base: Url,
    /// The base without the trailing slash, for messages.
    text: String,
}

impl Address {
    /// Reads an address with a scheme as it is written, and one without as `http` with [`DEFAULT_PORT`].
    pub(super) fn parse(written: &str) -> Result<Self, String> {
        let written = written.trim();
        let problem = |fault: &str, remedy: &str| format!("{} {fault}; {remedy}", shown(written));
        if written.is_empty() {
            return Err(format!("the address is empty; {EXAMPLE}"));
        }
        if written.chars().any(|character| character.is_whitespace() || character.is_control() || character == '\\') {
            return Err(problem("contains a space, a control character or a backslash", EXAMPLE));
        }
        if written.contains(['?', '#']) {
            return Err(problem(
                "contains a query or a fragment",
                "write only scheme, host, port and base path, and give secrets as a token or a header",
            ));
        }
        let (scheme, rest) = match written.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, written),
        };
        if scheme.as_deref().is_some_and(|scheme| scheme != "http" && scheme != "https") {
            return Err(problem("does not begin with http:// or https://", "load monitors speak nothing else"));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err(problem(
                "contains a user name or a password, which would end up in logs",
                "give them as a token, or as the header Authorization",
            ));
        }
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return Err(problem("names no host", EXAMPLE));
        }
        if authority.parse::<Ipv6Addr>().is_ok() {
            return Err(problem("is an IPv6 address without brackets", "write one such as [::1]:2020"));
        }
        if port.is_some_and(|port| port.is_empty() || port.parse() == Ok(0_u16)) {
            return Err(problem("has a colon and no usable port after it", EXAMPLE));
        }
        let url = format!("{}://{rest}", scheme.as_deref().unwrap_or("http"));
        let mut base =
            Url::parse(&url).map_err(|error| problem(&format!("cannot be read as a URL ({error})"), EXAMPLE))?;
        // URLs also accept `2020` for 0.0.7.228, which nobody means.
        if base.host_str().is_some_and(|read| read.parse::<Ipv4Addr>().is_ok()) && host.parse::<Ipv4Addr>().is_err() {
            return Err(problem("has a number for a host", "write an address such as 10.0.0.1:2020, or a name"));
        }
        // Only the written text tells whether there is a port: the URL drops one that is the scheme's own.
        if scheme.is_none() && port.is_none() && base.set_port(Some(DEFAULT_PORT)).is_err() {
            return Err(problem("cannot have a port", EXAMPLE));
        }
        let text = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, text })
    }

    pub(super) fn is_https(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether it is this machine itself, over its own interface for that.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// The host as a name to resolve or an address to connect to.
    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The whole path of something below the base; `below` begins with a slash.
    pub(super) fn path(&self, below: &str) -> String {
        format!("{}{below}", self.base.path().trim_end_matches('/'))
    }

    /// The URL of something below the base; `below` begins with a slash.
    pub(super) fn url(&self, below: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&self.path(below));
        url
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// An unchecked address as far as it may be shown: not at all when it may hold a password, and never its query.
pub(super) fn shown(written: &str) -> String {
    if written.contains('@') {
        return "the address (not shown: it may contain a password)".to_owned();
    }
    let public: String = written.split(['?', '#']).next().unwrap_or_default().chars().take(SHOWN_CHARS).collect();
    format!("the address {public:?}")
}

/// The host and the port as written; the port is what follows the last colon outside brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> String {
        Address::parse(written).unwrap().to_string()
    }

    fn problem(written: &str) -> String {
        Address::parse(written).err().unwrap_or_else(|| panic!("{written:?} was accepted"))
    }

    #[test]
    fn without_scheme_it_is_http_on_port_2020() {
        assert_eq!(text("monitor"), "http://monitor:2020");
        assert_eq!(text("monitor:2020"), "http://monitor:2020");
        assert_eq!(text("10.0.0.1"), "http://10.0.0.1:2020");
        assert_eq!(text("[::1]"), "http://[::1]:2020");
        assert_eq!(text("[::1]:2021"), "http://[::1]:2021");
        assert_eq!(text("gw/monitor"), "http://gw:2020/monitor");
        assert_eq!(text(" monitor\n"), "http://monitor:2020");
    }

    #[test]
    fn a_written_port_80_stays_80_although_urls_drop_it() {
        assert_eq!(text("monitor:80"), "http://monitor");
        assert_eq!(text("[::1]:80"), "http://[::1]");
    }

    #[test]
    fn with_scheme_it_is_taken_as_written() {
        assert_eq!(text("http://monitor"), "http://monitor");
        assert_eq!(text("https://monitor"), "https://monitor");
        assert_eq!(text("HTTPS://Monitor:8443/"), "https://monitor:8443");
        assert_eq!(text("http://[fd00::1]:2020/"), "http://[fd00::1]:2020");
    }

    #[test]
    fn loopback_is_told_from_what_looks_like_it() {
        for written in ["localhost", "http://LOCALHOST:1", "127.0.0.1", "127.255.0.9:1", "[::1]", "[::ffff:127.0.0.1]"]
        {
            assert!(Address::parse(written).unwrap().is_loopback(), "{written}");
        }
        for written in ["monitor", "localhost.example", "127.0.0.1.example", "10.0.0.1", "0.0.0.0", "[::]", "[fd00::1]"]
        {
            assert!(!Address::parse(written).unwrap().is_loopback(), "{written}");
        }
    }

    #[test]
    fn paths_are_below_the_base_path() {
        for written in ["http://gw/monitor", "http://gw/monitor/", "http://gw/monitor//"] {
            let address = Address::parse(written).unwrap();
            assert_eq!(address.url("/watcher").as_str(), "http://gw/monitor/watcher");
            assert_eq!(address.path("/watcher/health"), "/monitor/watcher/health");
            assert_eq!(address.as_str(), "http://gw/monitor");
        }
        assert_eq!(Address::parse("gw").unwrap().url("/healthy").as_str(), "http://gw:2020/healthy");
        assert_eq!(Address::parse("http://gw/a%2Fb").unwrap().url("/watcher").as_str(), "http://gw/a%2Fb/watcher");
    }

    #[test]
    fn refusals_say_what_to_write() {
        assert_eq!(problem("  "), "the address is empty; write one such as http://monitor:2020");
        assert!(problem("ftp://monitor").contains("does not begin with http:// or https://"));
        assert!(problem("unix:///run/monitor").contains("does not begin with http:// or https://"));
        assert!(problem("::1").contains("without brackets; write one such as [::1]:2020"));
        assert!(problem("http://").contains("names no host"));
        assert!(problem(":2020").contains("names no host"));
        assert!(problem("monitor:").contains("no usable port"));
        assert!(problem("monitor:0").contains("no usable port"));
        assert!(problem("monitor:70000").contains("invalid port number"));
        assert!(problem("http:monitor").contains("invalid port number"));
        assert!(problem("2020").contains("a number for a host"));
        assert!(problem("http://mon itor").contains("a space"));
        assert!(problem("http://monitor\\x").contains("a backslash"));
        assert!(problem("http://mon\u{7}itor").contains("a control character"));
    }

    #[test]
    fn password_in_the_address_is_refused_and_never_repeated() {
        for written in [
            "http://user:hunter2@monitor:2020",
            "user:hunter2@monitor",
            "http://user:hunter2#x@monitor",
            "http://user:hunter2/x@monitor",
            "ftp://user:hunter2@monitor",
            "http://monitor?token=hunter2",
            "http://monitor#hunter2",
        ] {
            let problem = problem(written);
            assert!(!problem.contains("hunter2"), "{problem}");
        }
        assert!(problem("http://user@monitor").contains("give them as a token, or as the header Authorization"));
    }

    #[test]
    fn a_very_long_address_is_not_repeated_in_full() {
        assert!(problem(&"x ".repeat(100_000)).len() < 600);
    }
}
