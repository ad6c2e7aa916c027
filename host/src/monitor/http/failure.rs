//! What a failed exchange means, told from the chain of its causes.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use super::address::Address;
use super::excerpt::one_line;
use super::redirect::RedirectRefused;
use super::tls;
use crate::monitor::MonitorErrorKind;

/// The class of a request that got no answer, and words for it that say what to do.
pub(super) fn explain(
    error: &reqwest::Error,
    address: &Address,
    connect_timeout: Duration,
) -> (MonitorErrorKind, String) {
    use MonitorErrorKind::{Redirect, Timeout, Unreachable};
    if let Some(refused) = find::<RedirectRefused>(error) {
        return (Redirect, refused.to_string());
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return (Unreachable, tls::explain(error));
    }
    if error.is_dns() {
        let words = format!(
            "the name {} cannot be resolved ({}); check the name and the DNS of this machine",
            address.host(),
            root_cause(error)
        );
        return (Unreachable, words);
    }
    if error.is_timeout() {
        let words = if error.is_connect() {
            format!(
                "no connection within {connect_timeout:?}; check the address, and the DNS and the firewalls between"
            )
        } else {
            "the connection died while waiting for the answer; check the network between".to_owned()
        };
        return (Timeout, words);
    }
    if let Some(words) =
        find::<io::Error>(error).and_then(|cause| explain_io(cause.kind(), address, error.is_connect()))
    {
        return (Unreachable, words.to_owned());
    }
    match find::<hyper::Error>(error) {
        Some(cause) if cause.is_parse() => {
            let hint = if address.is_https() { "" } else { ", or write https:// if it speaks TLS" };
            let words = format!("what answers there is not proper HTTP ({}); check the port{hint}", root_cause(cause));
            (Unreachable, words)
        }
        Some(cause) if cause.is_incomplete_message() => {
            (Unreachable, "it closed the connection before it answered; look at its log".to_owned())
        }
        _ => (Unreachable, all_causes(error)),
    }
}

fn explain_io(kind: io::ErrorKind, address: &Address, connecting: bool) -> Option<&'static str> {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable,
        PermissionDenied, UnexpectedEof,
    };
    Some(match kind {
        ConnectionRefused => "connection refused; check that it is running, and the port",
        HostUnreachable | NetworkUnreachable => "there is no way to this host; check the address and the network",
        PermissionDenied => "this machine does not allow the connection; look at its firewall and network policies",
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof if connecting && address.is_https() => {
            "it closed the connection during the TLS handshake; check the port, or write http:// if it speaks no TLS"
        }
        ConnectionReset | ConnectionAborted | BrokenPipe => "it broke the connection; look at its log",
        _ => return None,
    })
}

/// The first cause of a type.
pub(super) fn find<'error, E: Error + 'static>(error: &'error (dyn Error + 'static)) -> Option<&'error E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// What went wrong at the bottom, in one line. URLs are part of the upper causes only.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(|cause| one_line(&cause.to_string())).unwrap_or_default()
}

/// Everything that is said below the outermost error, in one line, without what is said twice.
pub(super) fn all_causes(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for text in causes(error).skip(1).map(ToString::to_string) {
        if !said.contains(&text) {
            said.push(text);
        }
    }
    if said.is_empty() { "the request failed".to_owned() } else { one_line(&said.join(": ")) }
}

/// An error and its causes. `source` of an `io::Error` skips the error that it wraps, which is where rustls is.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    successors(Some(error), |error| {
        let error: &'error (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
