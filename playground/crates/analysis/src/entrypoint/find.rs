//! The file that a word leads to when it is executed: by path, or by name along `PATH`.

use super::{ImageContext, LookupError, Right};
use crate::image::tree::NodeId;

impl ImageContext<'_> {
    /// As the engine's runtime, a shell or `env` looks a command up, as the image's user.
    pub(crate) fn find(&self, called: &str) -> Result<NodeId, LookupError> {
        if called.contains('/') {
            return self.executable(&self.absolute(called));
        }
        let mut error = LookupError::NotFound {
            path: called.to_owned(),
            why: "no directory of PATH has it".into(),
        };
        if called.is_empty() {
            return Err(error);
        }
        for directory in self.search_path().split(':') {
            let path = self.absolute(&format!("{directory}/{called}"));
            match self.executable(&path) {
                Ok(id) => return Ok(id),
                Err(denied @ LookupError::PermissionDenied { .. }) => error = denied,
                Err(_) => {}
            }
        }
        Err(error)
    }

    /// The file behind a path, if this user may execute it.
    pub(crate) fn executable(&self, path: &str) -> Result<NodeId, LookupError> {
        let id = match self.tree.lookup(path) {
            Ok(id) => id,
            Err(why) => {
                return Err(LookupError::NotFound {
                    path: path.to_owned(),
                    why: why.to_string(),
                });
            }
        };
        let denied = |why: String| {
            let path = path.to_owned();
            Err(LookupError::PermissionDenied { path, why, id })
        };
        let node = self.tree.node(id);
        if node.is_directory() {
            return denied("it is a directory".into());
        }
        if !node.is_file() {
            return denied("it is no regular file".into());
        }
        if node.mode() & 0o111 == 0 {
            return denied(format!(
                "its mode is {:04o}: nobody may execute it",
                node.mode()
            ));
        }
        let Some(user) = &self.identity else {
            return Ok(id);
        };
        if let Some(directory) = user.stopped_at(self.tree, path) {
            return denied(format!("uid {} may not enter {directory}", user.uid));
        }
        if !user.may(self.tree, id, Right::Execute) {
            let (uid, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
            let mode = node.mode();
            return denied(format!(
                "its mode is {mode:04o}, it belongs to {uid}:{gid}, and the image's user is {}",
                user.uid
            ));
        }
        Ok(id)
    }
}
