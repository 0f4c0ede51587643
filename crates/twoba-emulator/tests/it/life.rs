//! How an emulator starts and stops.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use twoba_emulator::{
    Clock, ControlError, Emulator, Fault, FaultPoint, FaultRule, RegisteredClient, RegisteredUser,
};

use crate::wire::{CLIENT, get, log_in, post};

#[test]
fn an_emulator_is_ready_when_it_has_started() {
    let emulator = Emulator::builder().start().unwrap();
    assert_eq!(log_in(&emulator).status, 200);
}

#[test]
fn it_listens_where_its_url_says() {
    let emulator = Emulator::builder().start().unwrap();
    assert_eq!(emulator.url(), format!("http://{}", emulator.addr()));
    assert!(emulator.addr().ip().is_loopback());
    assert_ne!(emulator.addr().port(), 0);
}

#[test]
fn it_listens_on_loopback_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let error = Emulator::builder().listen(address).start().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("loopback addresses only"));
    }
}

#[test]
fn it_listens_on_the_loopback_address_of_ipv6_too() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let emulator = Emulator::builder().listen(address).start().unwrap();
    assert!(emulator.url().starts_with("http://[::1]:"));
    assert_eq!(log_in(&emulator).status, 200);
    assert_eq!(get(&emulator, "/_emulator/journal", &[]).status, 200);
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Emulator::builder()
        .listen(taken.local_addr().unwrap())
        .start()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn dropping_it_closes_its_connections_and_its_port() {
    let emulator = Emulator::builder().start().unwrap();
    let address = emulator.addr();
    let mut idle = TcpStream::connect(address).unwrap();
    // The emulator has the connection once it answers on it.
    idle.write_all(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    drop(emulator);
    let mut rest = Vec::new();
    // Closed or reset, but not open.
    idle.read_to_end(&mut rest).unwrap_or_default();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn dropping_it_does_not_wait_for_a_delayed_answer() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.add_fault(FaultRule::next(
        FaultPoint::Token,
        Fault::Delay(Duration::from_secs(3600)),
    ));
    let mut stream = TcpStream::connect(emulator.addr()).unwrap();
    stream
        .write_all(b"POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        .unwrap();
    while emulator.counts().token_posts == 0 {
        std::thread::yield_now();
    }
    let begin = Instant::now();
    drop(emulator);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn it_can_be_started_and_dropped_inside_an_asynchronous_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let emulator = Emulator::builder().start().unwrap();
        assert_eq!(log_in(&emulator).status, 200);
    });
}

#[test]
fn a_manual_clock_starts_where_it_is_told_and_stands_still() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let emulator = Emulator::builder()
        .clock(Clock::ManualFrom(start))
        .start()
        .unwrap();
    assert_eq!(emulator.now(), start);
    let later = start + Duration::from_secs(90);
    assert_eq!(emulator.advance(Duration::from_secs(90)), Ok(later));
    assert_eq!(emulator.now(), later);
    // The answers carry no date that would contradict it.
    assert_eq!(log_in(&emulator).header("date"), None);
}

#[test]
fn a_real_clock_cannot_be_advanced() {
    let emulator = Emulator::builder().start().unwrap();
    assert_eq!(
        emulator.advance(Duration::from_secs(1)),
        Err(ControlError::ClockIsReal)
    );
    assert!(log_in(&emulator).header("date").is_some());
}

#[test]
fn given_clients_and_users_replace_the_documented_ones() {
    let emulator = Emulator::builder()
        .clients([RegisteredClient::confidential("c", "s")])
        .users([RegisteredUser::new("u", "p")])
        .start()
        .unwrap();
    let login = "grant_type=password&username=u&password=p";
    let form = format!("client_id=c&client_secret=s&{login}");
    assert_eq!(post(&emulator, "/OAuth/Token", &form).status, 200);
    let form = format!("{CLIENT}&{login}");
    assert_eq!(post(&emulator, "/OAuth/Token", &form).status, 401);
    let form = "client_id=c&client_secret=s&grant_type=password&username=demo%40example.com&password=myPassword";
    assert_eq!(post(&emulator, "/OAuth/Token", form).status, 400);
}

#[test]
fn two_emulators_do_not_know_each_others_tokens() {
    let one = Emulator::builder().start().unwrap();
    let two = Emulator::builder().start().unwrap();
    let token = log_in(&one).member("refresh_token");
    assert_eq!(crate::wire::refresh(&two, &token).status, 400);
    assert_eq!(two.counts().reuse, 0);
}

#[test]
fn the_same_seed_gives_the_same_tokens_and_another_gives_others() {
    let clock = Clock::ManualFrom(SystemTime::UNIX_EPOCH);
    let tokens = [[7; 32], [7; 32], [8; 32]].map(|seed| {
        let builder = Emulator::builder().clock(clock).seed(seed);
        let granted = log_in(&builder.start().unwrap());
        [
            granted.member("access_token"),
            granted.member("refresh_token"),
        ]
    });
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0][0], tokens[2][0]);
    assert_ne!(tokens[0][1], tokens[2][1]);
}
