//! The window of supcon, on the desktop and as the page of the browser: someone who has never used a
//! terminal picks images, presses Train, and sees points of the same class find each other.
//!
//! It knows nothing of Burn: requests go out, notices come in ([`Engine`]). [`Session`] is the fold of
//! the notices, [`ViewState`] what the user looks at; panels are functions of both and of what they ask
//! for ([`Action`]), which is carried out after the frame.

pub mod actions;
pub mod analysis;
mod app;
pub mod background;
mod controls;
mod differences;
mod engine;
mod exporting;
pub mod fields;
#[cfg(not(target_family = "wasm"))]
mod files;
mod film;
mod fitting;
mod fonts;
pub mod kept;
mod layout;
mod map_view;
pub mod mirror;
mod mistakes;
mod narrow;
#[cfg(not(target_family = "wasm"))]
mod native;
mod objective;
pub mod palette;
mod panels;
pub mod recorded;
#[cfg(not(target_family = "wasm"))]
mod replay;
mod saved_layout;
mod session;
#[cfg(not(target_family = "wasm"))]
pub mod settings_file;
pub mod share;
#[cfg(not(target_family = "wasm"))]
mod shelf;
#[cfg(not(target_family = "wasm"))]
mod shelving;
mod shortcuts;
pub mod software_painter;
pub mod speech;
mod sprite;
mod terms;
mod theme;
mod thumbnails;
pub mod tour;
mod view_state;
mod votes;
#[cfg(target_family = "wasm")]
mod web;

pub use actions::{Action, ExportKind, Purpose};
pub use app::App;
pub use engine::{Engine, Recorded};
pub use film::{Film, Frame};
pub use map_view::{Camera, MapState, Target, Tool, raster};
#[cfg(not(target_family = "wasm"))]
pub use native::NativeEngine;
pub use session::{Device, Run, Session};
pub use view_state::{
    ColorBy, ComparedCurve, InspectedLoss, MapKind, PathAsk, Playhead, Settings, ThemeChoice,
    ViewState,
};
