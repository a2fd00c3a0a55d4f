//! What engines refuse of a layer before it is merged: marks of whiteouts where something is.

use super::entry::{Entry, Kind};
use super::error::ReadError;
use super::tree::{Refusal, Refused, Tree};
use std::collections::HashSet;

/// Entries that engines refuse, of which as many are kept.
const MAX_REFUSED: usize = 100;

impl<'a> Tree<'a> {
    pub(super) fn refuse(&mut self, layer: u32, path: &'a str, why: Refusal<'a>) {
        if self.refused.len() < MAX_REFUSED {
            self.refused.push(Refused { layer, path, why });
        }
    }

    /// Whiteouts that cannot be marked where their layer has something, be it a directory that only a
    /// path implies or the same mark; and what lies below such a mark.
    pub(super) fn refuse_marks(
        &mut self,
        layer: u32,
        entries: &'a [Entry],
    ) -> Result<(), ReadError> {
        if !entries.iter().any(|entry| entry.kind == Kind::Whiteout) {
            return Ok(());
        }
        let (mut own, mut marks): (HashSet<&str>, HashSet<&str>) = Default::default();
        for entry in entries {
            let path: &'a str = &entry.path;
            let slashes = memchr::memchr_iter(b'/', path.as_bytes());
            let mut within = false;
            for directory in slashes.map(|at| &path[..at]) {
                self.step(1)?;
                within |= marks.contains(directory);
                own.insert(directory);
            }
            match entry.kind {
                _ if within => self.refuse(layer, path, Refusal::UnderWhiteout),
                Kind::Whiteout if own.contains(path) || !marks.insert(path) => {
                    self.refuse(layer, path, Refusal::OwnWhiteout);
                }
                Kind::Whiteout => {}
                Kind::Opaque if marks.contains(path) => {
                    self.refuse(layer, path, Refusal::UnderWhiteout);
                }
                _ => {
                    marks.remove(path);
                    own.insert(path);
                }
            }
        }
        Ok(())
    }
}
