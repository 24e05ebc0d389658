//! Runs the program in a directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes away with the test.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "supcon-cli-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The program with these arguments, separated by spaces; a `~` stands for a space within one.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_supcon"));
        command
            .args(
                arguments
                    .split_whitespace()
                    .map(|word| word.replace('~', " ")),
            )
            // Mesa complains on stderr where there is none.
            .env("XDG_RUNTIME_DIR", &self.0)
            .current_dir(&self.0);
        command
    }

    pub fn run(&self, arguments: &str) -> Ran {
        Ran::from(
            self.command(arguments)
                .output()
                .expect("the program starts"),
        )
    }

    /// With files of at most so many KiB, as on a disk that is nearly full.
    #[cfg(target_os = "linux")]
    pub fn run_with_file_limit(&self, arguments: &str, kibibytes: u32) -> Ran {
        let inner = self.command(arguments);
        let mut command = Command::new("bash");
        // The limit's signal would kill the program; ignored, writing fails instead.
        let script = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"");
        command
            .args(["-c", &script])
            .arg(inner.get_program())
            .args(inner.get_args())
            .env("XDG_RUNTIME_DIR", &self.0)
            .current_dir(&self.0);
        Ran::from(command.output().expect("bash starts"))
    }

    /// In the background, with nobody reading.
    pub fn spawn(&self, arguments: &str) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("text")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Puts a finished run of `shapes` (600 images to train on, 200 to test, six steps) into a scratch.
pub fn put_trained_run(scratch: &Scratch, name: &str) {
    static TRAINED: OnceLock<Scratch> = OnceLock::new();
    let trained = TRAINED.get_or_init(|| {
        let trained = Scratch::new();
        let options = crate::runs::small(6);
        trained
            .run(&format!("train {options} --out run"))
            .assert_success();
        trained
    });
    copy_folder(&trained.path().join("run"), &scratch.path().join(name));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("writable");
    for entry in std::fs::read_dir(from).expect("readable") {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("writable");
        }
    }
}

/// What a finished program left.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    pub fn assert_success(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }
}
