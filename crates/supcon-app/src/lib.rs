//! The window of supcon.
