//! TLS: which certificates are trusted, and what a failed handshake means.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use super::address::Address;
use super::excerpt::one_line;
use super::file;

/// The largest file with certificates, in bytes: eight times all the authorities of a whole operating system.
const MAX_CA_BYTES: u64 = 2 * 1024 * 1024;

/// The TLS side of the client. The process-wide defaults of rustls are neither read nor set: they are the program's.
///
/// An `http` address never uses TLS (redirects stay within the origin), so nothing is loaded for it: reading the
/// system's certificates takes time, and fails in a container that has none.
pub(super) fn client_config(address: &Address, extra_ca: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match extra_ca {
        None if !address.is_https() => {
            Ok(builder(&provider)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
        }
        Some(path) if !address.is_https() => Err(format!(
            "there is an extra CA ({}), but {address} is not https, so no certificate would be checked; write https:// \
             in the address, or remove the extra CA",
            path.display()
        )),
        _ => {
            let extra = extra_ca.map_or_else(|| Ok(Vec::new()), certificates)?;
            let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(|error| {
                format!(
                    "no certificate authorities of the system can be loaded ({error}); install them (often the package \
                     ca-certificates), or give the monitor's own as the extra CA"
                )
            })?;
            Ok(with_verifier(builder(&provider)?, Arc::new(verifier)))
        }
    }
}

/// What a failed handshake means and what to do about it.
pub(super) fn explain(error: &rustls::Error) -> String {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is not signed by an authority that is trusted here; if the authority is your own, give \
             its PEM file as the extra CA"
                .to_owned()
        }
        // Authorities of different clusters often have the same name, such as `kubernetes`.
        rustls::Error::InvalidCertificate(Certificate::BadSignature) => {
            "its certificate names an authority that is trusted here, but was signed with another key; give the extra \
             CA of the cluster that the monitor runs in"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "its certificate has expired; renew it, or set the clock of this machine right".to_owned()
        }
        rustls::Error::InvalidCertificate(Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) => {
            "its certificate is not valid yet; renew it, or set the clock of this machine right".to_owned()
        }
        rustls::Error::InvalidCertificate(Certificate::NotValidForName) => {
            "its certificate is for another name; use a name of the certificate in the address".to_owned()
        }
        rustls::Error::InvalidCertificate(Certificate::NotValidForNameContext { presented, .. }) => format!(
            "its certificate is for other names ({}); use one of them in the address",
            one_line(&presented.join(", "))
        ),
        rustls::Error::InvalidMessage(_) => {
            "what answers there does not speak TLS; check the port, or write http:// if it is meant to be plain"
                .to_owned()
        }
        rustls::Error::AlertReceived(alert) => {
            format!("it refused the TLS handshake (alert {alert:?}); look at its log and at what it asks of clients")
        }
        other => format!("TLS failed: {}", one_line(&other.to_string())),
    }
}

fn builder(provider: &Arc<CryptoProvider>) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))
}

fn with_verifier(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> ClientConfig {
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// The certificates of a PEM file, each known to work as an authority.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let problem = |words: String| format!("the extra CA {} {words}", path.display());
    let pem = file::read(path, MAX_CA_BYTES).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let mut accepted = Vec::new();
    let mut roots = RootCertStore::empty();
    for (number, certificate) in (1_usize..).zip(CertificateDer::pem_slice_iter(&pem)) {
        let certificate =
            certificate.map_err(|error| problem(format!("is not PEM at certificate {number}: {error}")))?;
        roots
            .add(certificate.clone())
            .map_err(|error| problem(format!("has a certificate that cannot be used, number {number}: {error}")))?;
        accepted.push(certificate);
    }
    if accepted.is_empty() {
        return Err(problem(
            "contains no certificate; it must be PEM, with -----BEGIN CERTIFICATE----- lines".to_owned(),
        ));
    }
    Ok(accepted)
}
