//! A policy that does what ordinary programs do: it opens files and connections, asks for the time, prints, sleeps, panics
//! and exits. Built for wasm32-wasip2, where all of that compiles.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is what is tested")]

use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, panic, process, thread};

use scorelet_guest::{Candidates, NoSettings, Pod, Policy, Refusal};

/// Does what the pod is called, and scores every candidate with the same random number.
pub struct Ordinary;

impl Policy for Ordinary {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Result<Self, Refusal> {
        // The one of the standard library prints to standard error; the SDK's tells the host in the contract's terms.
        drop(panic::take_hook());
        Ok(Self)
    }

    #[expect(clippy::panic, reason = "it is asked to")]
    fn score(&self, pod: &Pod, candidates: &Candidates<'_>) -> Result<Vec<f64>, Refusal> {
        match pod.name.as_str() {
            "look" => look()?,
            "print" => {
                println!("one\n\ntwo\tthree");
                eprintln!("bad: {}", pod.name);
                print!("no end");
                io::stdout().flush()?;
            }
            "panic" => panic!("no more\nof {} please", pod.name),
            "exit" => {
                eprintln!("giving up");
                process::exit(3);
            }
            "flood" => (0..100_000).for_each(|line| println!("line {line}")),
            _ => {}
        }
        let number = u32::try_from(RandomState::new().hash_one(1) % 100_000)?;
        Ok(vec![f64::from(number) / 1000.0; candidates.len()])
    }
}

/// Prints what there is to see of the world.
fn look() -> Result<(), Refusal> {
    show("variables", env::vars().count());
    show("arguments", env::args().count());
    show("input", io::stdin().read_to_end(&mut Vec::new()));
    show("file", fs::read("/etc/passwd").map_err(|failure| failure.kind()));
    show("new file", fs::write("new", "text").map_err(|failure| failure.kind()));
    show("folder", fs::read_dir("/").map(|_| ()).map_err(|failure| failure.kind()));
    show("tcp", TcpStream::connect("127.0.0.1:80").map_err(|failure| failure.kind()));
    show("listen", TcpListener::bind("127.0.0.1:0").map_err(|failure| failure.kind()));
    show("udp", UdpSocket::bind("127.0.0.1:0").map_err(|failure| failure.kind()));
    show("name", "localhost:80".to_socket_addrs().map(Iterator::count).map_err(|failure| failure.kind()));
    show("date", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?);
    let begin = Instant::now();
    thread::sleep(Duration::from_hours(1));
    show("slept", begin.elapsed());
    show("terminal", io::IsTerminal::is_terminal(&io::stdout()));
    show("threads", thread::Builder::new().spawn(|| {}).map(|_| ()).map_err(|failure| failure.kind()));
    Ok(())
}

fn show(what: &str, seen: impl Debug) {
    println!("{what}: {seen:?}");
}

scorelet_guest::export!(Ordinary);
