use crate::arguments::{Arguments, ManOptions};
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::output;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use serde_json::json;
use std::path::PathBuf;

/// Prints the man page, or writes a page for every command.
pub fn man(options: &ManOptions) -> anyhow::Result<Outcome> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &options.out else {
        output::text(&String::from_utf8_lossy(&page(&command)?));
        return Ok(Outcome::Done);
    };
    let mut files = Vec::new();
    for (name, command) in pages(&command, "supcon") {
        let path = folder.join(format!("{name}.1"));
        let page = page(&command.display_name(name))?;
        Destination::file(&path, true)?.write(|out| out.write_all(&page))?;
        files.push(path);
    }
    report(&files, options.output.json)?;
    Ok(Outcome::Done)
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// A command and all below it, with the names of their pages: `supcon-data-info`.
fn pages(command: &Command, name: &str) -> Vec<(String, Command)> {
    let mut all = vec![(name.to_owned(), command.clone())];
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            all.extend(pages(below, &format!("{name}-{}", below.get_name())));
        }
    }
    all
}

fn report(files: &[PathBuf], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&json!({ "files": files }));
    }
    for file in files {
        output::line(&format!("wrote {}", file.display()));
    }
    Ok(())
}
