use serde::{Deserialize, Serialize};
use std::fmt;

/// An error as a person meets it, alike in the command line, on the desktop and in the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorReport {
    /// The fact and the place.
    pub message: String,
    /// What caused it, outermost first.
    pub causes: Vec<String>,
    /// The way out.
    pub hint: Option<String>,
}

impl ErrorReport {
    /// The report of an error and its sources.
    #[must_use]
    pub fn new(error: &(dyn std::error::Error + 'static), hint: Option<&str>) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        Self {
            message: error.to_string(),
            causes: causes.map(ToString::to_string).collect(),
            hint: hint.map(str::to_owned),
        }
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ErrorReport {}
