//! [`Connector`]: from a granted origin to a connection. Resolves, refuses what
//! is not public, connects to an address that was checked, and does TLS. There
//! is no second resolution between check and connection, so a name whose
//! answer changes gains nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;
use wasmtime_wasi_http::Error;

use super::address;
use super::network::{Network, SystemNetwork};
use super::{failed, refused};
use crate::origin::Origin;

/// How long one of several addresses may take before the next gets its turn.
const EACH_ADDRESS: Duration = Duration::from_secs(3);

/// What a request is spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// How an engine connects. One for all its runs; no connection is kept.
pub(crate) struct Connector {
    network: Arc<dyn Network>,
    /// Certificates trusted beside those of the machine.
    roots: Vec<CertificateDer<'static>>,
    /// Read when a request first needs it: it takes milliseconds.
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Connector {
    /// `roots` is PEM; none where it holds anything but certificates.
    pub(crate) fn new(network: Option<Arc<dyn Network>>, roots: &[u8]) -> Option<Self> {
        let roots = CertificateDer::pem_slice_iter(roots).collect::<Result<_, _>>().ok()?;
        let network = network.unwrap_or_else(|| Arc::new(SystemNetwork));
        Some(Connector { network, roots, tls: OnceCell::new() })
    }

    /// A connection to an origin, ready for a request.
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Box<dyn Stream>, Error> {
        let addresses = self.addresses(origin).await?;
        let stream = self.first_of(&addresses, origin).await?;
        // A request is written in few pieces that wait for nothing.
        _ = stream.set_nodelay(true);
        if !origin.is_https() {
            return Ok(Box::new(stream));
        }
        let name = match origin.host() {
            Host::Domain(name) => ServerName::try_from(name.clone())
                .map_err(|_| failed(format_args!("{name} is no name for a certificate")))?,
            Host::Ipv4(address) => IpAddr::from(*address).into(),
            Host::Ipv6(address) => IpAddr::from(*address).into(),
        };
        let connector = TlsConnector::from(self.tls().await?);
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| failed(format_args!("TLS with {origin}: {error}")))?;
        Ok(Box::new(stream))
    }

    /// The addresses of a host that may be connected to.
    async fn addresses(&self, origin: &Origin) -> Result<Vec<SocketAddr>, Error> {
        let found = match origin.host() {
            Host::Ipv4(address) => vec![IpAddr::from(*address)],
            Host::Ipv6(address) => vec![IpAddr::from(*address)],
            Host::Domain(name) => match self.network.resolve(name).await {
                Ok(found) => found,
                Err(_) => return Err(failed(format_args!("{name} cannot be resolved"))),
            },
        };
        // A loopback origin reaches this machine and nothing else.
        let refusal = |address: IpAddr| match origin.is_loopback() {
            true => (!address.is_loopback()).then_some("no loopback address"),
            false => address::refusal(address),
        };
        let allowed = found.iter().filter(|address| refusal(**address).is_none());
        let allowed: Vec<_> = allowed.map(|ip| SocketAddr::new(*ip, origin.port())).collect();
        let host = origin.host();
        match found.first() {
            _ if !allowed.is_empty() => Ok(allowed),
            None => Err(failed(format_args!("{host} has no address"))),
            Some(address) => {
                let why = refusal(*address).unwrap_or("no public address");
                Err(match host {
                    Host::Domain(name) => {
                        refused(format_args!("{name} resolves to {address}, {why}"))
                    }
                    _ => refused(format_args!("{address} is {why}")),
                })
            }
        }
    }

    /// A connection to the first address that answers.
    async fn first_of(
        &self,
        addresses: &[SocketAddr],
        origin: &Origin,
    ) -> Result<TcpStream, Error> {
        let mut last = io::Error::from(io::ErrorKind::TimedOut);
        for address in addresses {
            match timeout(EACH_ADDRESS, self.network.connect(*address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        // The kind alone: what systems say besides has no fixed form.
        Err(failed(format_args!("{origin}: {}", last.kind())))
    }

    async fn tls(&self) -> Result<Arc<ClientConfig>, Error> {
        let read = async || {
            let machine = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs);
            let machine = machine.await.map_err(|_| failed("no root certificates"))?;
            let mut roots = RootCertStore::empty();
            let all = machine.certs.into_iter().chain(self.roots.iter().cloned());
            if roots.add_parsable_certificates(all).0 == 0 {
                return Err(failed("no root certificates on this machine"));
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(format_args!("TLS: {error}")))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Arc::new(config))
        };
        self.tls.get_or_try_init(read).await.cloned()
    }
}
