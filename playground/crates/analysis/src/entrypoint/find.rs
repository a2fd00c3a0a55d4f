//! The file that a word leads to when it is executed: by path, or by name along `PATH`.

use super::{ImageContext, LookupError, Right};
use crate::image::tree::NodeId;

impl ImageContext<'_> {
    /// As the engine's runtime, a shell or `env` looks a command up, as the image's user.
    pub(crate) fn find(&self, called: &str) -> Result<NodeId, LookupError> {
        if called.contains('/') {
            return self.executable(&self.absolute(called));
        }
        let mut error = LookupError::nothing("no directory of PATH has it");
        if called.is_empty() {
            return Err(error);
        }
        for directory in self.search_path().split(':') {
            let path = self.absolute(&format!("{directory}/{called}"));
            match self.executable(&path) {
                Ok(id) => return Ok(id),
                Err(denied) if denied.denied.is_some() => error = denied,
                Err(_) => {}
            }
        }
        Err(error)
    }

    /// The file behind a path, if this user may execute it.
    pub(crate) fn executable(&self, path: &str) -> Result<NodeId, LookupError> {
        let id = self
            .tree
            .lookup(path)
            .map_err(|why| LookupError::nothing(why.to_string()))?;
        match self.forbids(path, id) {
            Some((why, overridable)) => Err(LookupError {
                why,
                denied: Some(id),
                overridable,
            }),
            None => Ok(id),
        }
    }

    /// What forbids this user to execute what a path leads to, and whether it does so for this user
    /// alone.
    fn forbids(&self, path: &str, id: NodeId) -> Option<(String, bool)> {
        let node = self.tree.node(id);
        let nobody = |why: String| Some((why, false));
        if node.is_directory() {
            return nobody("it is a directory".into());
        }
        if !node.is_file() {
            return nobody("it is no regular file".into());
        }
        let mode = node.mode();
        if mode & 0o111 == 0 {
            return nobody(format!("its mode is {mode:04o}: nobody may execute it"));
        }
        let user = self.identity.as_ref()?;
        if let Some(directory) = user.stopped_at(self.tree, path) {
            return Some((format!("uid {} may not enter {directory}", user.uid), true));
        }
        if user.may(self.tree, id, Right::Execute) {
            return None;
        }
        let (uid, gid) = node.owner();
        let why = format!(
            "its mode is {mode:04o}, it belongs to {uid}:{gid}, and the image's user is {}",
            user.uid
        );
        Some((why, true))
    }
}
