//! The suite that every store passes.

use crate::world::World;
use store_disk::DiskStore;

fn fresh() -> (World, DiskStore) {
    let world = World::new();
    let store = world.store();
    (world, store)
}

store::conformance_tests!(fresh);
