//! How the panes are arranged, as it is kept between two starts of the program.

use crate::layout::{Pane, panes};
use eframe::egui::Id;
use egui_tiles::{Container, Grid, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

/// A tile and what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedTile {
    /// A pane.
    Pane(Pane),
    /// Tabs, and which of them is in front.
    Tabs(Vec<SavedTile>, usize),
    /// Side by side, each with its share of the width.
    Row(Vec<(SavedTile, f32)>),
    /// Below each other, each with its share of the height.
    Column(Vec<(SavedTile, f32)>),
    /// A grid.
    Grid(Vec<SavedTile>),
}

impl SavedTile {
    /// The arrangement of a tree; `None` of an empty one.
    #[must_use]
    pub fn of(tree: &Tree<Pane>) -> Option<Self> {
        saved(&tree.tiles, tree.root()?)
    }

    /// The tree so arranged, or the usual one where a pane is missing or doubled: another version knew other
    /// panes.
    #[must_use]
    pub fn tree(&self) -> Tree<Pane> {
        let usual = panes();
        let mut tiles = Tiles::default();
        let root = self.insert(&mut tiles);
        let names = |tiles: &Tiles<Pane>| {
            let panes = tiles.tiles().filter_map(|tile| match tile {
                Tile::Pane(pane) => Some(pane.title()),
                Tile::Container(_) => None,
            });
            let mut names: Vec<&str> = panes.collect();
            names.sort_unstable();
            names
        };
        if names(&tiles) == names(&usual.tiles) {
            Tree::new(Id::unique("panes"), root, tiles)
        } else {
            usual
        }
    }

    fn insert(&self, tiles: &mut Tiles<Pane>) -> TileId {
        let mut all = |children: &[Self]| -> Vec<TileId> {
            children.iter().map(|child| child.insert(tiles)).collect()
        };
        match self {
            Self::Pane(pane) => tiles.insert_pane(*pane),
            Self::Tabs(children, active) => {
                let mut tabs = Tabs::new(all(children));
                tabs.active = tabs.children.get(*active).copied().or(tabs.active);
                tiles.insert_container(tabs)
            }
            Self::Row(children) => linear(tiles, LinearDir::Horizontal, children),
            Self::Column(children) => linear(tiles, LinearDir::Vertical, children),
            Self::Grid(children) => {
                let grid = Grid::new(all(children));
                tiles.insert_container(grid)
            }
        }
    }
}

fn linear(tiles: &mut Tiles<Pane>, dir: LinearDir, children: &[(SavedTile, f32)]) -> TileId {
    let ids: Vec<TileId> = children
        .iter()
        .map(|(child, _)| child.insert(tiles))
        .collect();
    let mut linear = Linear::new(dir, ids.clone());
    for (id, (_, share)) in ids.into_iter().zip(children) {
        // A share that is none would leave no room.
        let share = if share.is_finite() {
            share.clamp(0.01, 100.0)
        } else {
            1.0
        };
        linear.shares.set_share(id, share);
    }
    tiles.insert_container(linear)
}

fn saved(tiles: &Tiles<Pane>, id: TileId) -> Option<SavedTile> {
    let of = |id: &TileId| saved(tiles, *id);
    Some(match tiles.get(id)? {
        Tile::Pane(pane) => SavedTile::Pane(*pane),
        Tile::Container(Container::Tabs(tabs)) => {
            let active = tabs.children.iter().position(|id| Some(*id) == tabs.active);
            let children = tabs.children.iter().filter_map(of);
            SavedTile::Tabs(children.collect(), active.unwrap_or(0))
        }
        Tile::Container(Container::Linear(linear)) => {
            let children = linear.children.iter();
            let children = children
                .filter_map(|id| Some((of(id)?, linear.shares[*id])))
                .collect();
            match linear.dir {
                LinearDir::Horizontal => SavedTile::Row(children),
                LinearDir::Vertical => SavedTile::Column(children),
            }
        }
        Tile::Container(Container::Grid(grid)) => {
            SavedTile::Grid(grid.children().filter_map(of).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::bring_forward;

    #[test]
    fn an_arrangement_survives_json_and_a_broken_one_gives_the_usual() {
        let mut tree = panes();
        bring_forward(&mut tree, Pane::Results);
        let saved = SavedTile::of(&tree).unwrap();
        let text = serde_json::to_string(&saved).unwrap();
        let back: SavedTile = serde_json::from_str(&text).unwrap();
        assert_eq!(SavedTile::of(&back.tree()).unwrap(), saved);
        let usual = SavedTile::of(&panes()).unwrap();
        assert_ne!(saved, usual);
        let broken = SavedTile::Tabs(vec![SavedTile::Pane(Pane::Map)], 0);
        assert_eq!(SavedTile::of(&broken.tree()).unwrap(), usual);
    }
}
