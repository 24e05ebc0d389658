//! Downloads, from a server of the test's own: whole, cut, refused, damaged.

use crate::support::Scratch;
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use supcon_data::published::md5;

/// What the server does with one request.
#[derive(Clone)]
enum Reply {
    /// The file, or the part that was asked for.
    Ranges,
    /// Always the whole file; ranges are ignored.
    Whole,
    /// So many bytes less than announced, then the end; with or without ranges.
    Cut { after: usize, ranges: bool },
    /// So many bytes, and then silence.
    Stall { after: usize, ranges: bool },
    /// Another file of the same length.
    Damaged,
    /// No file.
    Status(&'static str),
}

struct Server {
    url: String,
    /// The `Range` of each request, or nothing.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(file: Vec<u8>, replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut replies = VecDeque::from(replies);
            for stream in listener.incoming() {
                let (Ok(stream), Some(reply)) = (stream, replies.pop_front()) else {
                    break;
                };
                answer(stream, &file, &reply, &log);
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}/cifar-10-binary.tar.gz"),
            asked,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the log").clone()
    }
}

fn answer(mut stream: TcpStream, file: &[u8], reply: &Reply, log: &Mutex<Vec<String>>) {
    let mut range = String::new();
    let mut lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("range: ") {
            value.clone_into(&mut range);
        }
    }
    log.lock().expect("the log").push(range.clone());
    let from = range
        .strip_prefix("bytes=")
        .and_then(|r| r.strip_suffix('-'));
    let from: Option<usize> = from.map(|from| from.parse().expect("a number"));
    let damaged: Vec<u8>;
    let (ranges, content, cut) = match reply {
        Reply::Ranges => (true, file, None),
        Reply::Whole => (false, file, None),
        Reply::Cut { after, ranges } => (*ranges, file, Some(*after)),
        Reply::Stall { after, ranges } => (*ranges, file, Some(*after)),
        Reply::Damaged => {
            damaged = file.iter().map(|byte| !byte).collect();
            (true, damaged.as_slice(), None)
        }
        Reply::Status(status) => {
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            return;
        }
    };
    let from = from.filter(|_| ranges);
    let total = content.len();
    if from.is_some_and(|from| from >= total) {
        let head = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n";
        let _ = write!(stream, "{head}Content-Range: bytes */{total}\r\n\r\n");
        return;
    }
    let body = &content[from.unwrap_or(0)..];
    let status = if from.is_some() {
        "206 Partial Content"
    } else {
        "200 OK"
    };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    if let Some(from) = from {
        head += &format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1);
    } else if ranges {
        head += "Accept-Ranges: bytes\r\n";
    }
    let _ = write!(stream, "{head}\r\n");
    let _ = stream.write_all(&body[..cut.unwrap_or(body.len()).min(body.len())]);
    if matches!(reply, Reply::Stall { .. }) {
        // Until the client goes away.
        let _ = std::io::Read::read(&mut stream, &mut [0; 1]);
    }
}

fn file() -> Vec<u8> {
    (0..300_000_u32)
        .flat_map(|i| (i * i).to_le_bytes())
        .collect()
}

/// The command that fetches `file()` from the server.
fn fetch(server: &Server) -> String {
    let sum = md5(&file()[..]).expect("memory");
    format!(
        "data fetch cifar10 --url {} --md5 {sum} --to got",
        server.url
    )
}

fn names(scratch: &Scratch) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(scratch.path().join("got")) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    entries.map(name).collect()
}

const NAME: &str = "cifar-10-binary.tar.gz";

#[test]
fn a_file_is_fetched_whole_and_not_fetched_again() {
    let scratch = Scratch::new();
    let server = Server::start(file(), vec![Reply::Whole]);
    let ran = scratch.run(&fetch(&server));
    let stdout = &ran.assert_success().stdout;
    assert!(
        stdout.contains("supcon train --data got/cifar-10-binary.tar.gz"),
        "{stdout}"
    );
    assert_eq!(scratch.read(&format!("got/{NAME}")), file());
    assert_eq!(names(&scratch), [NAME]);
    // The server answers once only.
    let again = scratch.run(&fetch(&server));
    assert!(again.assert_success().stdout.contains("is there and whole"));
    let json = scratch.run(&format!("{} --json", fetch(&server)));
    let value: serde_json::Value =
        serde_json::from_str(&json.assert_success().stdout).expect("JSON");
    assert_eq!(value["was_there"], true);
    assert_eq!(value["bytes"], 1_200_000);
}

#[test]
fn a_cut_download_goes_on_where_it_was_cut() {
    let scratch = Scratch::new();
    let cut = |after| Reply::Cut {
        after,
        ranges: true,
    };
    let server = Server::start(file(), vec![cut(500_000), cut(100_000), Reply::Ranges]);
    for so_far in [500_000, 600_000] {
        let ran = scratch.run(&fetch(&server));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("{so_far} of 1200000 bytes")),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("run the same command again"),
            "{}",
            ran.stderr
        );
        assert_eq!(names(&scratch), [format!("{NAME}.part")]);
    }
    scratch.run(&fetch(&server)).assert_success();
    assert_eq!(scratch.read(&format!("got/{NAME}")), file());
    assert_eq!(names(&scratch), [NAME]);
    assert_eq!(server.asked(), ["", "bytes=500000-", "bytes=600000-"]);
}

#[test]
fn a_server_without_ranges_starts_over_and_leaves_no_part() {
    let scratch = Scratch::new();
    let cut = Reply::Cut {
        after: 500_000,
        ranges: false,
    };
    let server = Server::start(file(), vec![cut, Reply::Whole]);
    let ran = scratch.run(&fetch(&server));
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("nothing is kept"), "{}", ran.stderr);
    assert!(names(&scratch).is_empty());
    // A part of an earlier, better server.
    std::fs::write(
        scratch.path().join(format!("got/{NAME}.part")),
        &file()[..7],
    )
    .expect("writable");
    let ran = scratch.run(&fetch(&server));
    assert!(
        ran.assert_success().stderr.contains("starting over"),
        "{}",
        ran.stderr
    );
    assert_eq!(scratch.read(&format!("got/{NAME}")), file());
}

#[test]
fn a_part_that_is_all_is_checked_and_a_damaged_one_thrown_away() {
    let scratch = Scratch::new();
    let server = Server::start(file(), vec![Reply::Ranges, Reply::Damaged, Reply::Ranges]);
    std::fs::create_dir(scratch.path().join("got")).expect("writable");
    std::fs::write(scratch.path().join(format!("got/{NAME}.part")), file()).expect("writable");
    scratch.run(&fetch(&server)).assert_success();
    std::fs::remove_file(scratch.path().join(format!("got/{NAME}"))).expect("there");
    let ran = scratch.run(&fetch(&server));
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("thrown away") && ran.stderr.contains("MD5"),
        "{}",
        ran.stderr
    );
    assert!(names(&scratch).is_empty());
    scratch.run(&fetch(&server)).assert_success();
}

#[test]
fn refusals_are_one_sentence_and_leave_nothing() {
    let scratch = Scratch::new();
    let server = Server::start(
        file(),
        vec![
            Reply::Status("404 Not Found"),
            Reply::Status("503 Busy"),
            Reply::Whole,
        ],
    );
    let unused = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}/x", unused.local_addr().expect("an address"));
    drop(unused);
    for (command, parts) in [
        (fetch(&server), vec!["404", "--url"]),
        (fetch(&server), vec!["503", "try again later"]),
        // Not the published size: refused before anything is written.
        (
            format!("data fetch cifar10 --url {} --to got", server.url),
            vec!["1200000 bytes", "170052171"],
        ),
        (
            format!("data fetch cifar100 --url {closed} --to got"),
            vec!["cannot be reached", "--url"],
        ),
        (
            "data fetch cifar10 --url nonsense --to got".to_owned(),
            vec!["nonsense"],
        ),
        (
            "data fetch cifar10 --url http://127.0.0.1:1/x --md5 xyz".to_owned(),
            vec!["xyz", "32 hexadecimal"],
        ),
    ] {
        let ran = scratch.run(&command);
        assert_eq!(ran.code, Some(1), "{command}\n{}", ran.stderr);
        let errors = ran.stderr.lines().filter(|line| line.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{}", ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "no \"{part}\" in {}", ran.stderr);
        }
        assert!(names(&scratch).is_empty(), "{command}");
    }
    std::fs::create_dir(scratch.path().join("got")).expect("no folder was made");
    std::fs::write(scratch.path().join(format!("got/{NAME}")), "mine").expect("writable");
    let ran = scratch.run(&fetch(&server));
    assert!(ran.stderr.contains("move it away"), "{}", ran.stderr);
    assert_eq!(scratch.text(&format!("got/{NAME}")), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_can_be_resumed() {
    let scratch = Scratch::new();
    let server = Server::start(file(), vec![Reply::Ranges, Reply::Ranges]);
    // A limit on the size of files stands for a disk of 400 kB.
    let ran = scratch.run_with_file_limit(&fetch(&server), 400);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("make room"), "{}", ran.stderr);
    assert_eq!(names(&scratch), [format!("{NAME}.part")]);
    scratch.run(&fetch(&server)).assert_success();
    assert_eq!(scratch.read(&format!("got/{NAME}")), file());
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_a_part_only_where_it_can_be_resumed() {
    for (ranges, left) in [(true, vec![format!("{NAME}.part")]), (false, Vec::new())] {
        let scratch = Scratch::new();
        let stall = Reply::Stall {
            after: 400_000,
            ranges,
        };
        let server = Server::start(file(), vec![stall, Reply::Ranges]);
        let mut child = scratch.spawn(&fetch(&server));
        let part = scratch.path().join(format!("got/{NAME}.part"));
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while part.metadata().map_or(0, |part| part.len()) < 400_000 {
            assert!(std::time::Instant::now() < deadline, "nothing arrives");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        crate::runs::signal(&child, "INT");
        assert_eq!(child.wait().expect("ends").code(), Some(130));
        assert_eq!(names(&scratch), left);
        scratch.run(&fetch(&server)).assert_success();
        assert_eq!(scratch.read(&format!("got/{NAME}")), file());
    }
}
