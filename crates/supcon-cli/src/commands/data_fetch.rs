use super::runs::human_bytes;
use crate::arguments::{DataFetchOptions, Published};
use crate::download::{Download, Fetched};
use crate::exit::Outcome;
use crate::{interrupt, output};
use anyhow::bail;
use serde_json::json;
use supcon_data::published::{
    CIFAR_10_BINARY, CIFAR_10_PYTHON, CIFAR_100_BINARY, CIFAR_100_PYTHON, CIFAR_PAGE,
    PublishedArchive,
};

/// Downloads a published archive, or the rest of it.
pub fn data_fetch(options: &DataFetchOptions) -> anyhow::Result<Outcome> {
    let archive = archive(options);
    let md5 = options.md5.as_deref().unwrap_or(archive.md5).to_lowercase();
    if md5.len() != 32 || !md5.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("--md5 {md5}: an MD5 is 32 hexadecimal digits");
    }
    interrupt::listen("stopped; the same command goes on from here where the server can")?;
    let download = Download {
        url: options.url.as_deref().unwrap_or(archive.url),
        target: options.to.join(archive.file_name()),
        bytes: options.md5.is_none().then_some(archive.bytes),
        md5: &md5,
        quiet: options.output.json,
    };
    let fetched = download.run()?;
    let target = &download.target;
    let next = format!("supcon train --data {}", target.display());
    if options.output.json {
        let (bytes, resumed_from, was_there) = match fetched {
            Fetched::WasThere { bytes } => (bytes, 0, true),
            Fetched::Downloaded {
                bytes,
                resumed_from,
            } => (bytes, resumed_from, false),
        };
        output::json(&json!({
            "file": target,
            "bytes": bytes,
            "md5": md5,
            "resumed_from": resumed_from,
            "was_there": was_there,
            "next": next,
        }))?;
        return Ok(Outcome::Done);
    }
    output::line(&match fetched {
        Fetched::WasThere { .. } => format!("{} is there and whole", target.display()),
        Fetched::Downloaded { bytes, .. } => format!(
            "{}: {}, MD5 as {}",
            target.display(),
            human_bytes(bytes),
            if options.md5.is_some() {
                "given"
            } else {
                "published"
            }
        ),
    });
    output::line(&format!(
        "next: supcon data info {}\n      {next}\n(described at {CIFAR_PAGE}, which asks to cite its technical report)",
        target.display()
    ));
    Ok(Outcome::Done)
}

fn archive(options: &DataFetchOptions) -> PublishedArchive {
    let url = options.url.as_deref().unwrap_or_default();
    match (options.name, url.ends_with("-python.tar.gz")) {
        (Published::Cifar10, false) => CIFAR_10_BINARY,
        (Published::Cifar10, true) => CIFAR_10_PYTHON,
        (Published::Cifar100, false) => CIFAR_100_BINARY,
        (Published::Cifar100, true) => CIFAR_100_PYTHON,
    }
}
