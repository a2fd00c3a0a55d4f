//! The Go programs that start, by what their own code can do.
//!
//! The linker drops what is never called, so a function that is there can be called and one that
//! is not there cannot. What the program's own code calls on its way from `main` it does. Refuses to judge programs that are not Go, or whose function table cannot
//! be read.

use crate::binary::called::Use;
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::image::tree::NodeId;
use crate::inspect::Program;
use std::collections::BTreeSet;

/// A Go program that starts, with code that could be read.
pub(super) struct GoBinary<'a> {
    pub(super) id: NodeId,
    pub(super) path: String,
    pub(super) program: &'a Program,
}

/// The Go programs among these files.
pub(super) fn among<'a>(image: &ImageContext<'a>, files: &BTreeSet<NodeId>) -> Vec<GoBinary<'a>> {
    let go = |id: &NodeId| {
        let program = image.program(*id)?;
        program.code().map(|_| GoBinary {
            id: *id,
            path: image.tree.path(*id),
            program,
        })
    };
    files.iter().filter_map(go).collect()
}

impl GoBinary<'_> {
    /// What says that the program can; empty where it cannot.
    pub(super) fn can(&self, ability: Ability) -> &[&'static str] {
        self.program.can(ability).unwrap_or_default()
    }

    pub(super) fn cannot(&self, ability: Ability) -> bool {
        self.can(ability).is_empty()
    }

    /// `time.LoadLocation is linked into /app`; `None` where it cannot.
    pub(super) fn evidence(&self, ability: Ability) -> Option<Vec<String>> {
        Some(self.linked(self.can(ability))).filter(|said| !said.is_empty())
    }

    pub(super) fn linked(&self, names: &[&str]) -> Vec<String> {
        let say = |name: &&str| format!("{name} is linked into {}", self.path);
        names.iter().map(say).collect()
    }

    /// What its own code does of this, where `main` comes to it however it goes: that it needs it is
    /// sure.
    pub(super) fn does(&self, ability: Ability) -> Vec<&Use> {
        let uses = self.program.uses(ability);
        uses.filter(|one| one.from_main).collect()
    }

    /// What its own code does of this anywhere, for who has to answer a question.
    pub(super) fn seen(&self, ability: Ability) -> Vec<String> {
        self.program.uses(ability).map(Use::to_string).collect()
    }

    /// Whether its user and host lookups are C's; `None` where it does not tell.
    pub(super) fn cgo(&self) -> Option<bool> {
        self.program.build()?.cgo()
    }
}
