//! The store on disk through its contract: real folders, real processes, real full disks.

#[cfg(test)]
mod archive;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod files;
#[cfg(test)]
mod following;
#[cfg(test)]
mod headlines;
#[cfg(test)]
mod index;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod torn;
#[cfg(test)]
mod trash;
#[cfg(test)]
mod world;
