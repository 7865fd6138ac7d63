//! The port and the socket: who may take them, and in what state they are left.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use api::client::{Client, ClientError};
use api::{BindError, Bound, Listen, Token};

use crate::house::{House, TOKEN};

fn at(path: &Path) -> Listen {
    Listen { tcp: None, socket: Some(path.to_owned()) }
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_socket_is_for_its_owner_alone() {
    let house = House::open().await;
    let socket = house.socket();
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    let client = Client::connect_socket(&socket).await.unwrap();
    assert_eq!(client.settings().await.unwrap(), house.client.settings().await.unwrap());
    // Who may use the socket may open the window; who is at the port has the address already.
    let window = client.address().await.unwrap().unwrap();
    assert_eq!(window.lasting, format!("http://{}/?token={TOKEN}", house.address));
    assert!(window.once.starts_with(&format!("http://{}/?ticket=", house.address)) && !window.once.contains(TOKEN));
    assert_ne!(client.address().await.unwrap().unwrap().once, window.once, "each is made for one visit");
    let refused = house.client.address().await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn only_the_socket_can_end_the_server() {
    let mut house = House::open().await;
    let refused = house.client.quit().await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused { .. }), "{refused}");
    assert!(!house.stop.is_cancelled());
    let socket = house.socket();
    Client::connect_socket(&socket).await.unwrap().quit().await.unwrap();
    house.serving.join_next().await.unwrap().unwrap();
    assert!(house.stop.is_cancelled() && !socket.exists());
}

#[tokio::test]
async fn a_second_server_is_told_of_the_first() {
    let mut house = House::open().await;
    let socket = house.socket();
    let second = Bound::open(&at(&socket)).await.unwrap_err();
    assert!(matches!(&second, BindError::AlreadyRunning(path) if *path == socket), "{second}");
    let taken = Bound::open(&Listen { tcp: Some(house.address), socket: None }).await.unwrap_err();
    assert!(matches!(&taken, BindError::Port { address, .. } if *address == house.address), "{taken}");
    // the first goes on
    assert!(Client::connect_socket(&socket).await.unwrap().settings().await.is_ok());

    house.stop.cancel();
    house.serving.join_next().await.unwrap().unwrap();
    assert!(!socket.exists());
    let gone = Client::connect_socket(&socket).await.unwrap_err();
    assert!(matches!(gone, ClientError::NoAnswer { .. }), "{gone}");
    let third = Bound::open(&at(&socket)).await.unwrap();
    assert_eq!(third.address(), None);
}

#[tokio::test]
async fn a_socket_left_behind_is_replaced_and_a_live_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("deskhand.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    drop(Bound::open(&at(&socket)).await.unwrap());
    assert!(!socket.exists());

    // somebody answers, without our lock
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let live = Bound::open(&at(&socket)).await.unwrap_err();
    assert!(matches!(&live, BindError::AlreadyRunning(path) if *path == socket), "{live}");
    assert!(socket.exists());
    drop(listener);
}

#[tokio::test]
async fn nothing_else_is_removed_or_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("precious");
    std::fs::write(&file, "text").unwrap();
    let refused = Bound::open(&at(&file)).await.unwrap_err();
    assert!(matches!(&refused, BindError::NotASocket(path) if *path == file), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");

    let open = directory.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o770)).unwrap();
    let refused = Bound::open(&at(&open.join("s"))).await.unwrap_err();
    assert!(matches!(&refused, BindError::OpenDirectory(path) if *path == open), "{refused}");
}

#[tokio::test]
async fn only_the_loopback_address_is_taken() {
    for address in ["0.0.0.0:0", "[::]:0", "[::1]:0", "127.0.0.2:0", "192.0.2.1:80"] {
        let tcp = Some(address.parse().unwrap());
        let refused = Bound::open(&Listen { tcp, socket: None }).await.unwrap_err();
        assert!(matches!(refused, BindError::NotLoopback(_)), "{address}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_apart_from_a_dead_server() {
    let house = House::open().await;
    let client = Client::connect_tcp(house.address, Token::new("wrong")).await.unwrap();
    let refused = client.settings().await.unwrap_err();
    let ClientError::Refused { status, body } = refused else { panic!("{refused:?}") };
    assert_eq!((status.as_u16(), body.code), (401, api_types::Code::Unauthorized));
    assert!(Client::connect_tcp(house.address, Token::new(TOKEN)).await.unwrap().settings().await.is_ok());
}

/// What is answered on a socket to a thread that first tries to become another user, and whether it could.
#[cfg(target_os = "linux")]
fn ask_as_nobody(socket: &Path) -> (bool, String) {
    use std::io::{Read, Write};

    let nobody = rustix::fs::Uid::from_raw(65534);
    let another = rustix::process::geteuid() != nobody;
    let became = another && rustix::thread::set_thread_res_uid(nobody, nobody, nobody).is_ok();
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    // The server may close before it is asked: both writing and reading may fail then.
    let asked = stream.write_all(b"GET /api/v1/settings HTTP/1.0\r\nhost: deskhand\r\n\r\n");
    let mut answer = String::new();
    let read = asked.and_then(|()| stream.read_to_string(&mut answer));
    (became, read.map(|_| answer).unwrap_or_default())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_user_gets_no_answer_even_where_the_file_rights_let_them_in() {
    let house = House::open().await;
    let socket = house.socket();
    let run = socket.parent().unwrap();
    for (path, mode) in [(house.directory.path(), 0o755), (run, 0o755), (&*socket, 0o666)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // A thread of its own: it does not become itself again.
    let asking = std::thread::spawn(move || ask_as_nobody(&socket));
    let (became, answer) = tokio::task::spawn_blocking(move || asking.join().unwrap()).await.unwrap();
    assert_eq!(answer.starts_with("HTTP/1.0 200 OK"), !became, "{answer}");
    assert_eq!(answer.is_empty(), became, "{answer}");
}
