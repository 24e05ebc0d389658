//! Real image files, and how hard the generated data set is.

mod cifar;
mod shapes_difficulty;
