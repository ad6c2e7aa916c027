//! What an operator reads when credentials would cross a network in the clear.

use scorelet_host::monitor::http::{HttpMonitor, HttpMonitorOptions, Token};
use scorelet_tests::log::Log;

/// What the log says about a monitor with these options.
fn told(options: HttpMonitorOptions) -> Vec<String> {
    let log = Log::capture();
    HttpMonitor::new(options).unwrap();
    log.take()
}

fn with_token(address: &str) -> HttpMonitorOptions {
    HttpMonitorOptions::new(address).with_token(Token::Value("hunter2".into()))
}

fn with_header(address: &str) -> HttpMonitorOptions {
    HttpMonitorOptions::new(address).with_header("Authorization", "Basic aHVudGVyMg==")
}

#[test]
fn credentials_over_plain_http_are_told_whether_they_are_a_token_or_a_header() {
    for options in [with_token("monitor"), with_header("monitor")] {
        let warning = "WARN the credentials go to the load monitor unencrypted: the address is not https \
                       address=http://monitor:2020";
        assert_eq!(told(options), [warning]);
    }
}

#[test]
fn credentials_that_nobody_can_read_on_the_way_are_not_told() {
    for address in ["https://monitor", "localhost", "127.0.0.1:1", "[::1]"] {
        assert_eq!(told(with_token(address)), [""; 0], "{address}");
        assert_eq!(told(with_header(address)), [""; 0], "{address}");
    }
    assert_eq!(told(HttpMonitorOptions::new("monitor").with_header("X-Scope", "one")), [""; 0]);
}
