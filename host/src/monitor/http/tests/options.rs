//! Options: the defaults, and every problem at once.

use std::env::VarError;
use std::fs;
use std::time::Duration;

use super::{HttpMonitorOptions, monitor, problems};
use crate::monitor::http::{Dialect, Token};
use crate::monitor::{MonitorError, MonitorErrorKind};

#[test]
fn defaults_are_those_that_are_documented() {
    let options = HttpMonitorOptions::new("monitor");
    assert_eq!(options.dialect, Dialect::Auto);
    assert_eq!(options.max_body_bytes, 512 << 20);
    assert_eq!(options.connect_timeout, Duration::from_secs(3));
    assert_eq!(monitor(options).address(), "http://monitor:2020");
}

#[test]
fn all_problems_are_listed_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let ca = directory.path().join("ca.pem");
    fs::write(&ca, "nothing").unwrap();
    let error = problems(
        HttpMonitorOptions::new("https://monitor")
            .with_token(Token::File("".into()))
            .with_header("Host", "evil")
            .with_header("bad name", "x")
            .with_extra_ca(&ca)
            .with_max_body_bytes(0)
            .with_connect_timeout(Duration::ZERO),
    );
    assert_eq!(error.problems().len(), 6, "{error}");
    assert_eq!(error.to_string().matches("; also: ").count(), 5, "{error}");
    assert!(error.to_string().contains(&format!("the extra CA {} contains no certificate", ca.display())), "{error}");
    let error = MonitorError::from(error);
    assert_eq!(error.kind(), MonitorErrorKind::Configuration);
}

#[test]
fn an_extra_ca_without_https_is_a_mistake() {
    let error = problems(HttpMonitorOptions::new("monitor").with_extra_ca("/etc/ca.pem"));
    assert_eq!(
        error.to_string(),
        "the options of the load monitor cannot work: there is an extra CA (/etc/ca.pem), but http://monitor:2020 is \
         not https, so no certificate would be checked; write https:// in the address, or remove the extra CA"
    );
}

#[test]
fn an_unreadable_extra_ca_is_named() {
    let error = problems(HttpMonitorOptions::new("https://monitor").with_extra_ca("/nowhere/ca.pem"));
    assert!(error.to_string().contains("the extra CA /nowhere/ca.pem cannot be read: "), "{error}");
}

#[test]
fn the_environment_is_read_only_when_asked_and_must_say_something() {
    let options = HttpMonitorOptions::from_variable(Ok("monitor:1".into())).unwrap();
    assert_eq!(options.address, "monitor:1");
    for value in [Ok(" ".into()), Err(VarError::NotPresent), Err(VarError::NotUnicode("x".into()))] {
        let text = HttpMonitorOptions::from_variable(value).unwrap_err().to_string();
        assert!(text.contains("the environment variable LOAD_MONITOR_ADDRESS is "), "{text}");
        assert!(text.ends_with("; set it to an address such as http://monitor:2020"), "{text}");
    }
}
