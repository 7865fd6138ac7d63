//! Whom the gate believes when it speaks TLS itself: the system's certificates, and those the person added.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

/// The configuration of TLS, made at the first need and made anew when the added certificates change.
#[derive(Default)]
pub(crate) struct Trust {
    made: Mutex<Option<(Vec<u8>, Arc<ClientConfig>)>>,
}

impl Trust {
    /// A configuration that believes the system and the certificates in `added`, which is PEM.
    pub(crate) fn client(&self, added: &[u8]) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, config)) = made.as_ref()
            && of == added
        {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(build(added)?);
        *made = Some((added.to_vec(), Arc::clone(&config)));
        Ok(config)
    }
}

fn build(added: &[u8]) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let added: Vec<CertificateDer<'static>> = certificates(added)?;
    let verifier = Verifier::new_with_extra_roots(added, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // The system's own verifier; the name of the method means that it is not rustls' built-in one.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// The certificates in a PEM text.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, rustls::Error> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| rustls::Error::General(format!("the added certificates cannot be read: {error}")))
}
