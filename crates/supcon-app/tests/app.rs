//! The window, fed with a recorded run: every panel, and every command by the control that sends it.

#[path = "app/colors.rs"]
mod colors;
#[path = "app/fluid.rs"]
mod fluid;
#[path = "app/map.rs"]
mod map;
#[path = "app/page.rs"]
mod page;
#[path = "app/pictures.rs"]
mod pictures;
#[path = "app/points.rs"]
mod points;
#[path = "app/reach.rs"]
mod reach;
#[path = "app/recording.rs"]
mod recording;
#[path = "app/results.rs"]
mod results;
#[path = "app/resumed.rs"]
mod resumed;
#[path = "app/running.rs"]
mod running;
#[path = "app/runs.rs"]
mod runs;
#[path = "app/setup.rs"]
mod setup;
#[path = "app/window.rs"]
mod window;
