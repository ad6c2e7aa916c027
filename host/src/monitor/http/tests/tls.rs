//! TLS against certificates that are made on the spot.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use super::server::{Reply, Server, answer, ok};
use super::{HttpMonitorOptions, fetch_error, is_own_process, monitor, problems};
use crate::monitor::http::Token;
use crate::monitor::{Monitor, MonitorErrorKind};

/// A certificate authority of a test.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("the authority of a test")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// Writes the certificate as PEM and says where.
    pub(super) fn file(&self, directory: &Path) -> PathBuf {
        let path = directory.join("ca.pem");
        fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// A server's side of TLS, with a certificate for a name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        self.acceptor_of(&CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    fn acceptor_of(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

fn options(server: &Server, ca: PathBuf) -> HttpMonitorOptions {
    HttpMonitorOptions::new(format!("https://{}", server.address)).with_extra_ca(ca)
}

#[tokio::test]
async fn an_extra_ca_is_trusted() {
    let (authority, directory) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = Server::start_tls(authority.acceptor("127.0.0.1"), |_| ok(b"{}")).await;
    let options = options(&server, authority.file(directory.path())).with_token(Token::Value("hunter2".into()));
    let monitor = monitor(options);
    assert_eq!(monitor.fetch().await.unwrap(), b"{}");
    monitor.healthy().await.unwrap();
    assert!(server.requests().iter().all(|head| head.contains("Bearer hunter2")));
}

#[tokio::test]
async fn man_in_the_middle_with_a_ca_of_its_own_is_refused_before_any_request() {
    let (ours, theirs) = (Authority::named("ours"), Authority::named("theirs"));
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_tls(theirs.acceptor("127.0.0.1"), |_| ok(b"{}")).await;
    let error = fetch_error(options(&server, ours.file(directory.path()))).await;
    assert_eq!((error.kind(), error.is_transient()), (MonitorErrorKind::Unreachable, true));
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at https://{}: its certificate is not signed by an authority that is trusted here; if the \
             authority is your own, give its PEM file as the extra CA",
            server.address
        )
    );
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn man_in_the_middle_with_a_ca_of_the_same_name_is_refused_before_any_request() {
    let (ours, theirs) = (Authority::named("kubernetes"), Authority::named("kubernetes"));
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_tls(theirs.acceptor("127.0.0.1"), |_| ok(b"{}")).await;
    let error = fetch_error(options(&server, ours.file(directory.path()))).await;
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at https://{}: its certificate names an authority that is trusted here, but was signed with \
             another key; give the extra CA of the cluster that the monitor runs in",
            server.address
        )
    );
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (authority, directory) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = Server::start_tls(authority.acceptor("monitor.example"), |_| ok(b"{}")).await;
    let error = fetch_error(options(&server, authority.file(directory.path()))).await;
    assert!(error.to_string().contains("its certificate is for other names ("), "{error}");
    assert!(error.to_string().contains("monitor.example"), "{error}");
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let (authority, directory) = (Authority::new(), tempfile::tempdir().unwrap());
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    let server = Server::start_tls(authority.acceptor_of(&params), |_| ok(b"{}")).await;
    let error = fetch_error(options(&server, authority.file(directory.path()))).await;
    assert!(
        error.to_string().ends_with("its certificate has expired; renew it, or set the clock of this machine right"),
        "{error}"
    );
}

#[tokio::test]
async fn https_at_a_port_without_tls_says_so() {
    let (authority, directory) = (Authority::new(), tempfile::tempdir().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Until the client goes away: closing earlier could reset the connection under the answer.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    });
    let error = fetch_error(
        HttpMonitorOptions::new(format!("https://{address}")).with_extra_ca(authority.file(directory.path())),
    )
    .await;
    assert_eq!(error.kind(), MonitorErrorKind::Unreachable);
    assert_eq!(
        error.to_string(),
        format!(
            "load monitor at https://{address}: what answers there does not speak TLS; check the port, or write \
             http:// if it is meant to be plain"
        )
    );
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let (authority, directory) = (Authority::new(), tempfile::tempdir().unwrap());
    let plain = Server::start(|_| ok(b"{}")).await;
    let location = format!("Location: http://{}/watcher\r\n", plain.address);
    let server =
        Server::start_tls(authority.acceptor("127.0.0.1"), move |_| Reply::Send(answer("302 Found", &location, b"")))
            .await;
    let error = fetch_error(options(&server, authority.file(directory.path()))).await;
    assert_eq!(error.kind(), MonitorErrorKind::Redirect);
    assert_eq!(plain.requests(), [""; 0]);
}

#[test]
fn a_ca_file_with_a_broken_certificate_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = Authority::new().file(directory.path());
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{good}-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n")).unwrap();
    let error = problems(HttpMonitorOptions::new("https://monitor").with_extra_ca(&path));
    assert!(error.to_string().contains("has a certificate that cannot be used, number 2: "), "{error}");
}

/// Where the system has no certificates, `http` works, `https` works with an extra CA, and says what to do without.
#[test]
fn a_system_without_certificates() {
    let nowhere = [("SSL_CERT_FILE", "/nowhere/cert.pem"), ("SSL_CERT_DIR", "/nowhere")];
    if !is_own_process("tls::a_system_without_certificates", &nowhere) {
        return;
    }
    monitor(HttpMonitorOptions::new("http://monitor"));
    let directory = tempfile::tempdir().unwrap();
    monitor(HttpMonitorOptions::new("https://monitor").with_extra_ca(Authority::new().file(directory.path())));
    let error = problems(HttpMonitorOptions::new("https://monitor"));
    assert!(error.to_string().contains("no certificate authorities of the system can be loaded"), "{error}");
    assert!(error.to_string().contains("install them (often the package ca-certificates)"), "{error}");
}
