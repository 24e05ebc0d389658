//! A download that goes on where it was cut, and takes its name only when its MD5 is right.

use crate::interrupt::Unfinished;
use anyhow::{Context as _, anyhow, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use supcon_data::published::md5;
use ureq::http::{HeaderMap, StatusCode};
use ureq::{Agent, Body};

const CONNECT: Duration = Duration::from_secs(30);
/// A server that sends nothing for so long has gone away.
const SILENCE: Duration = Duration::from_secs(60);
const BUFFER: usize = 1 << 16;

/// What is to be downloaded.
pub struct Download<'a> {
    pub url: &'a str,
    pub target: PathBuf,
    /// Size of the file, where it is known.
    pub bytes: Option<u64>,
    /// Lower-case hexadecimal.
    pub md5: &'a str,
    pub quiet: bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    WasThere { bytes: u64 },
    Downloaded { bytes: u64, resumed_from: u64 },
}

/// A server's answer.
struct Answer {
    body: Body,
    /// Where the body begins in the file.
    start: u64,
    /// Size of the whole file, if the server says.
    total: Option<u64>,
    /// Whether a later request can go on from anywhere.
    resumable: bool,
}

impl Download<'_> {
    pub fn run(&self) -> anyhow::Result<Fetched> {
        let target = self.target.display();
        if self.target.exists() {
            let found = md5(File::open(&self.target)?)?;
            if found == self.md5 {
                let bytes = self.target.metadata()?.len();
                return Ok(Fetched::WasThere { bytes });
            }
            bail!(
                "{target} is there, but its MD5 is {found}, not {}: move it away or choose another folder with --to",
                self.md5
            );
        }
        let mut part_path = self.target.clone().into_os_string();
        part_path.push(".part");
        let part_path = PathBuf::from(part_path);
        let mut part = open_part(&part_path)?;
        let offset = part.metadata()?.len();
        // Whatever happens before the server says that it can go on, an empty part is of no use.
        let unfinished = (offset == 0).then(|| Unfinished::new(&part_path));
        let resumed_from = match self.ask(offset)? {
            // All of it is there; perhaps it was never checked.
            None => offset,
            Some(answer) => {
                let start = answer.start;
                if start < offset {
                    self.say("the server cannot go on from the middle: starting over");
                }
                part.set_len(start)?;
                part.seek(SeekFrom::Start(start))?;
                let unfinished = match (answer.resumable, unfinished) {
                    (true, Some(unfinished)) => {
                        unfinished.keep();
                        None
                    }
                    (false, None) => Some(Unfinished::new(&part_path)),
                    (_, unfinished) => unfinished,
                };
                let taken = self.take(answer, &mut part);
                if taken.is_err() && part.metadata().is_ok_and(|part| part.len() == 0) {
                    let _ = fs::remove_file(&part_path);
                }
                taken?;
                if let Some(unfinished) = unfinished {
                    unfinished.keep();
                }
                start
            }
        };
        let bytes = self.finish(&part_path)?;
        Ok(Fetched::Downloaded {
            bytes,
            resumed_from,
        })
    }

    /// Asks for the file from `offset` on; `None` when nothing is missing.
    fn ask(&self, offset: u64) -> anyhow::Result<Option<Answer>> {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .accept_encoding("identity")
            .build()
            .into();
        let mut request = agent.get(self.url);
        if offset > 0 {
            request = request.header("Range", format!("bytes={offset}-"));
        }
        let response = request.call().map_err(|error| {
            anyhow!(
                "{} cannot be reached ({error}): check the connection, or give another place with --url",
                self.url
            )
        })?;
        let status = response.status();
        let (head, body) = response.into_parts();
        let range = content_range(&head.headers);
        let length = body.content_length();
        let (start, total) = match (status, range) {
            (StatusCode::OK, _) => (0, length),
            (StatusCode::PARTIAL_CONTENT, Some((Some(start), total))) if start == offset => {
                (start, total.or_else(|| Some(start + length?)))
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, Some((_, Some(total)))) if total == offset => {
                return Ok(None);
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, _) if offset > 0 => return self.ask(0),
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => bail!(
                "there is no file at {} ({status}): give another place with --url",
                self.url
            ),
            _ => bail!(
                "{} answers {status} instead of the file: try again later, or give another place with --url",
                self.url
            ),
        };
        if let (Some(total), Some(expected)) = (total, self.bytes)
            && total != expected
        {
            bail!(
                "{} has {total} bytes, the published file {expected}: it is another file; give another place with --url",
                self.url
            );
        }
        let ranges = head.headers.get("accept-ranges");
        Ok(Some(Answer {
            body,
            start,
            total,
            resumable: status == StatusCode::PARTIAL_CONTENT
                || ranges.is_some_and(|ranges| ranges == "bytes"),
        }))
    }

    /// Reads the body into the part.
    fn take(&self, answer: Answer, part: &mut File) -> anyhow::Result<()> {
        let bar = self.bar(&answer);
        let Answer {
            body,
            start,
            total,
            resumable,
        } = answer;
        let way_out = if resumable {
            "run the same command again to go on from there"
        } else {
            "this server cannot go on from the middle, so nothing is kept: run the command again"
        };
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        let mut reader = body.into_reader();
        let mut buffer = vec![0; BUFFER];
        let mut at = start;
        let limit = self.bytes.or(total);
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    bar.abandon();
                    bail!("the connection broke after {at}{of} bytes ({error}): {way_out}");
                }
            };
            part.write_all(&buffer[..count]).with_context(|| {
                format!(
                    "{}.part cannot be written after {at}{of} bytes: make room, then {way_out}",
                    self.target.display()
                )
            })?;
            at += count as u64;
            bar.set_position(at);
            if limit.is_some_and(|limit| at > limit) {
                // Nothing of it can be trusted.
                part.set_len(0)?;
                bail!(
                    "{} sends more than it said: give another place with --url",
                    self.url
                );
            }
        }
        bar.finish_and_clear();
        if total.is_some_and(|total| at < total) {
            bail!("the connection ended after {at}{of} bytes: {way_out}");
        }
        part.sync_all()?;
        Ok(())
    }

    /// Checks the part and gives it its name.
    fn finish(&self, part: &Path) -> anyhow::Result<u64> {
        let unfinished = Unfinished::new(part);
        let found = md5(File::open(part)?)?;
        if found != self.md5 {
            bail!(
                "what {} sent has the MD5 {found}, not {}: it was damaged on the way or is another file, and was thrown away; run the command again, or give another place with --url",
                self.url,
                self.md5
            );
        }
        unfinished
            .finish(&self.target)
            .with_context(|| format!("{} cannot be written", self.target.display()))?;
        Ok(self.target.metadata()?.len())
    }

    fn bar(&self, answer: &Answer) -> ProgressBar {
        let from = match answer.start {
            0 => String::new(),
            start => format!(", going on from byte {start}"),
        };
        self.say(&format!("downloading {}{from}", self.url));
        if self.quiet {
            return ProgressBar::hidden();
        }
        let target = ProgressDrawTarget::stderr_with_hz(5);
        let bar = ProgressBar::with_draw_target(answer.total, target);
        let style = "    {bar:30} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.with_position(answer.start)
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }
}

/// The part, held by this process.
fn open_part(path: &Path) -> anyhow::Result<File> {
    let cannot = || {
        format!(
            "{} cannot be written: choose another folder with --to",
            path.display()
        )
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    let part = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(cannot)?;
    if part.try_lock().is_err() {
        bail!(
            "{} is being downloaded by another supcon: wait for it",
            path.display()
        );
    }
    Ok(part)
}

/// Start and total of `Content-Range: bytes START-END/TOTAL`, either of which may be missing.
fn content_range(headers: &HeaderMap) -> Option<(Option<u64>, Option<u64>)> {
    let value = headers.get("content-range")?.to_str().ok()?;
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let start = range
        .split_once('-')
        .and_then(|(start, _)| start.parse().ok());
    Some((start, total.parse().ok()))
}
