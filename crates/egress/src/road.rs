//! The way out of this computer: resolving names and dialling addresses. A trait, so that tests can be the Internet.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use futures_util::future::BoxFuture;
use tokio::net::{TcpStream, lookup_host};

/// The way out.
pub trait Road: Send + Sync {
    /// The addresses of a name now. Called once for a connection.
    fn resolve<'r>(&'r self, name: &'r str) -> BoxFuture<'r, io::Result<Vec<IpAddr>>>;

    /// Connects to exactly this address.
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;

    /// Whether an address belongs to this computer.
    fn is_own(&self, address: IpAddr) -> bool;
}

/// The resolver and the network of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRoad;

impl Road for SystemRoad {
    fn resolve<'r>(&'r self, name: &'r str) -> BoxFuture<'r, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }

    fn is_own(&self, address: IpAddr) -> bool {
        // Only an own address can be bound; nothing is sent.
        UdpSocket::bind((address, 0)).is_ok()
    }
}
