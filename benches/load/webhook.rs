//! Where Alertmanager tells of alerts: a server that hears which critical alert was told when, and how often it was called.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use serde_json::Value;

/// So many critical alerts are kept for who is slow to look.
const KEPT: usize = 1_024;

/// A server; its threads end with the bench.
pub(crate) struct Webhook {
    pub(crate) address: SocketAddr,
    /// How often it was called.
    pub(crate) called: Arc<AtomicU64>,
    /// The zone of each critical alert that was told, and when.
    pub(crate) critical: Receiver<(u64, Instant)>,
}

impl Webhook {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let (told, critical) = sync_channel(KEPT);
        let called = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&called);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (told, count) = (told.clone(), Arc::clone(&count));
                std::thread::spawn(move || serve(stream, &told, &count));
            }
        });
        Self { address, called, critical }
    }
}

/// Answers calls until there are no more.
fn serve(stream: TcpStream, told: &SyncSender<(u64, Instant)>, called: &AtomicU64) {
    let mut answers = stream.try_clone().expect("a connection");
    let mut calls = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if calls.read_line(&mut line).is_ok_and(|count| count == 0) {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        calls.read_exact(&mut body).expect("a call");
        let now = Instant::now();
        called.fetch_add(1, Ordering::SeqCst);
        let call: Value = serde_json::from_slice(&body).expect("JSON");
        for alert in call["alerts"].as_array().into_iter().flatten() {
            let labels = &alert["labels"];
            if labels["priority"] == "critical" {
                let zone = labels["zone"].as_str().and_then(|zone| zone.parse().ok());
                told.send((zone.expect("our own label"), now)).expect("somebody who listens");
            }
        }
        if answers.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
