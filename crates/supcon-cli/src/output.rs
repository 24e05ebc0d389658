//! Standard output. A reader that has gone away (`supcon presets | head -1`) ends the printing, not
//! the command.

use serde::Serialize;
use std::io::Write as _;

/// Text, as it is.
pub fn text(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A line of text.
pub fn line(text: &str) {
    self::text(&format!("{text}\n"));
}

/// One JSON document.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}
