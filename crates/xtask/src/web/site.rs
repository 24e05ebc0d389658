//! Files that name each other by their contents: `{{NAME}}` in a text stands for the hashed name of NAME.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// What may hold placeholders; everything else is copied byte by byte.
const TEXTS: [&str; 6] = ["css", "html", "js", "json", "svg", "webmanifest"];

/// Files by their plain names.
pub(super) struct Site {
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    pub(super) fn new() -> Self {
        Self {
            files: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), bytes);
    }

    /// Adds the files right inside a folder.
    pub(super) fn add_folder(&mut self, folder: &Path) -> Result<()> {
        let fail = || format!("cannot read the folder {}", folder.display());
        for entry in fs::read_dir(folder).with_context(fail)? {
            let path = entry.with_context(fail)?.path();
            if path.is_file() {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let bytes =
                    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                self.add(&name, bytes);
            }
        }
        Ok(())
    }

    /// Writes `root` under its own name and all that it reaches under hashed names, into a folder that
    /// is made anew. Names and sizes of what was written.
    pub(super) fn write(&self, root: &str, folder: &Path) -> Result<Vec<(String, usize)>> {
        let mut written = BTreeMap::new();
        let bytes = self.resolve(root, &mut Vec::new(), &mut written)?;
        let mut files: Vec<(String, Vec<u8>)> = written.into_values().collect();
        files.insert(0, (root.to_owned(), bytes));
        write_all(&files, folder)?;
        let sizes = files.into_iter().map(|(name, bytes)| (name, bytes.len()));
        Ok(sizes.collect())
    }

    /// Writes `root` and all that it reaches under plain names.
    pub(super) fn write_plain(&self, root: &str, folder: &Path) -> Result<()> {
        let mut reached = BTreeMap::new();
        self.resolve(root, &mut Vec::new(), &mut reached)?;
        let plain = |name: &str| -> Result<(String, Vec<u8>)> {
            let bytes = &self.files[name];
            let bytes = match text(name, bytes) {
                Some(text) => replace(text, |name| Ok(name.to_owned()))?.into_bytes(),
                None => bytes.clone(),
            };
            Ok((name.to_owned(), bytes))
        };
        let names = reached.keys().map(String::as_str).chain([root]);
        let files: Vec<_> = names.map(plain).collect::<Result<_>>()?;
        write_all(&files, folder)
    }

    /// The bytes of a file with hashed names in it; those files go to `written`, by their plain names.
    fn resolve(
        &self,
        name: &str,
        on_the_way: &mut Vec<String>,
        written: &mut BTreeMap<String, (String, Vec<u8>)>,
    ) -> Result<Vec<u8>> {
        let bytes = self.files.get(name).with_context(|| {
            let by = on_the_way.last().map_or("the site", String::as_str);
            format!("{by} names {{{{{name}}}}}, which is neither a file of web/ nor a module")
        })?;
        let Some(text) = text(name, bytes) else {
            return Ok(bytes.clone());
        };
        if on_the_way.iter().any(|other| other == name) {
            bail!("{name} names itself through {}", on_the_way.join(", "));
        }
        on_the_way.push(name.to_owned());
        let resolved = replace(text, |other| {
            if let Some((hashed, _)) = written.get(other) {
                return Ok(hashed.clone());
            }
            let bytes = self.resolve(other, on_the_way, written)?;
            let hashed = hashed_name(other, &bytes);
            written.insert(other.to_owned(), (hashed.clone(), bytes));
            Ok(hashed)
        })?;
        on_the_way.pop();
        Ok(resolved.into_bytes())
    }
}

fn write_all(files: &[(String, Vec<u8>)], folder: &Path) -> Result<()> {
    let fail = || format!("cannot write into {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(fail)?;
    }
    fs::create_dir_all(folder).with_context(fail)?;
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).with_context(fail)?;
    }
    Ok(())
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Option<&'a str> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_text = TEXTS.contains(&extension);
    is_text.then(|| std::str::from_utf8(bytes).ok())?
}

/// The text with every `{{NAME}}` replaced. Names have no spaces or braces; other double braces stay.
fn replace(text: &str, mut with: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let is_name = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            name.contains('.') && name.chars().all(plain)
        };
        match behind.split_once("}}") {
            Some((name, behind)) if is_name(name) => {
                out.push_str(&with(name)?);
                rest = behind;
            }
            _ => {
                out.push_str("{{");
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// `NAME-HASH.EXTENSION`.
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    // FNV-1a: names change with contents, and nobody is to be kept from anything.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}-{:012x}.{extension}", hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        let files = files.iter();
        let files = files.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        Site {
            files: files.collect(),
        }
    }

    /// By plain names: hashed names and bytes.
    type Written = BTreeMap<String, (String, Vec<u8>)>;

    fn resolved(files: &[(&str, &str)]) -> Result<(String, Written)> {
        let mut written = BTreeMap::new();
        let root = site(files).resolve("index.html", &mut Vec::new(), &mut written)?;
        Ok((String::from_utf8(root)?, written))
    }

    #[test]
    fn names_change_with_what_they_name_also_at_second_hand() {
        let page = |wasm: &str| {
            let files = [
                ("index.html", "<script src={{a.js}}> {{ x }} {{"),
                ("a.js", "f('{{m.wasm}}', '{{m.wasm}}')"),
                ("m.wasm", wasm),
                ("unused.js", "{{missing.js}}"),
            ];
            resolved(&files).unwrap()
        };
        let ((first, files), (second, _)) = (page("1"), page("2"));
        assert_ne!(first, second);
        assert!(first.ends_with(" {{ x }} {{"), "{first}");
        assert_eq!(files.len(), 2);
        let (name, script) = &files["a.js"];
        assert!(first.contains(name.as_str()) && name.starts_with("a-") && name.ends_with(".js"));
        let wasm = &files["m.wasm"].0;
        assert_eq!(script, format!("f('{wasm}', '{wasm}')").as_bytes());
    }

    #[test]
    fn what_is_not_there_and_circles_are_named() {
        let error = resolved(&[("index.html", "{{a.js}}")]).unwrap_err();
        assert!(error.to_string().contains("{{a.js}}"), "{error}");
        let circle = [
            ("index.html", "{{a.js}}"),
            ("a.js", "{{b.js}}"),
            ("b.js", "{{a.js}}"),
        ];
        assert!(
            resolved(&circle)
                .unwrap_err()
                .to_string()
                .contains("itself")
        );
    }
}
