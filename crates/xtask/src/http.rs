//! A small HTTP server for this machine's own browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use anyhow::Result;

/// What a browser asks.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without what is behind `?`.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

/// What it is answered.
pub(crate) struct Response {
    status: &'static str,
    kind: &'static str,
    content: Vec<u8>,
}

impl Response {
    pub(crate) fn ok(kind: &'static str, content: Vec<u8>) -> Self {
        Self {
            status: "200 OK",
            kind,
            content,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self {
            status: "404 Not Found",
            ..Self::ok("text/plain", Vec::new())
        }
    }

    /// A file right inside `folder`.
    pub(crate) fn file(folder: &Path, path: &str) -> Self {
        let name = match path.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return Self::not_found();
        }
        match std::fs::read(folder.join(name)) {
            Ok(content) => Self::ok(kind_of(name), content),
            Err(_) => Self::not_found(),
        }
    }
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// Answers until the program ends, a thread a connection: browsers open some in advance.
pub(crate) fn serve(
    listener: &TcpListener,
    answer: impl Fn(&Request) -> Response + Clone + Send + 'static,
) {
    for stream in listener.incoming().flatten() {
        let answer = answer.clone();
        // A connection that breaks is the browser's to repeat.
        std::thread::spawn(move || converse(stream, answer));
    }
}

fn converse(mut stream: TcpStream, answer: impl Fn(&Request) -> Response) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().to_owned();
    let Response {
        status,
        kind,
        content,
    } = answer(&Request { method, path, body });
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    )?;
    stream.write_all(&content)?;
    Ok(())
}
