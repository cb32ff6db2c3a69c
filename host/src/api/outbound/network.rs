//! [`Network`]: how requests of actions reach the network. The one place where
//! names become addresses and addresses connections, so that programs can
//! bring their own and tests need no network.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use tokio::net::{TcpStream, lookup_host};

/// What a [`Network`] answers.
pub type NetworkFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// Resolves names and connects to addresses, for requests of actions.
///
/// It decides nothing: names were compared with what the flow grants before
/// they come here, and of the addresses it answers those that are not public
/// are refused before one is connected to.
pub trait Network: Send + Sync + 'static {
    /// The addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>>;

    /// A connection to an address that `resolve` answered.
    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        Box::pin(TcpStream::connect(address))
    }
}

/// The machine's own resolver. Proxies in the environment play no part.
pub(crate) struct SystemNetwork;

impl Network for SystemNetwork {
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        Box::pin(async move { Ok(lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) })
    }
}
