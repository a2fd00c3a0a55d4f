//! The file that a word leads to when it is executed: by path, or by name along `PATH`.

use super::Fails;
use crate::entrypoint::ImageContext;
use crate::entrypoint::Right;
use crate::image::tree::NodeId;

impl ImageContext<'_> {
    /// As the engine's runtime, a shell or `env` looks a command up, as the image's user.
    pub(crate) fn find(&self, called: &str) -> Result<NodeId, Fails> {
        if called.contains('/') {
            return self.executable(&self.absolute(called));
        }
        let mut fails = Fails::Missing {
            path: called.to_owned(),
            why: "no directory of PATH has it".into(),
        };
        if called.is_empty() {
            return Err(fails);
        }
        for directory in self.path().split(':') {
            let path = self.absolute(&format!("{directory}/{called}"));
            match self.executable(&path) {
                Ok(id) => return Ok(id),
                Err(refused @ Fails::NotAllowed { .. }) => fails = refused,
                Err(_) => {}
            }
        }
        Err(fails)
    }

    /// The file behind a path, if this user may execute it.
    pub(crate) fn executable(&self, path: &str) -> Result<NodeId, Fails> {
        let id = match self.tree.lookup(path) {
            Ok(id) => id,
            Err(why) => {
                return Err(Fails::Missing {
                    path: path.to_owned(),
                    why: why.to_string(),
                });
            }
        };
        let not_allowed = |why: String| {
            let path = path.to_owned();
            Err(Fails::NotAllowed { path, why, id })
        };
        let node = self.tree.node(id);
        if node.is_directory() {
            return not_allowed("it is a directory".into());
        }
        if !node.is_file() {
            return not_allowed("it is no regular file".into());
        }
        if node.mode() & 0o111 == 0 {
            return not_allowed(format!(
                "its mode is {:04o}: nobody may execute it",
                node.mode()
            ));
        }
        let Some(who) = &self.who else {
            return Ok(id);
        };
        if let Some(directory) = who.stopped_at(self.tree, path) {
            return not_allowed(format!("uid {} may not enter {directory}", who.uid));
        }
        if !who.may(self.tree, id, Right::Execute) {
            let (uid, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
            let mode = node.mode();
            return not_allowed(format!(
                "its mode is {mode:04o}, it belongs to {uid}:{gid}, and the image's user is {}",
                who.uid
            ));
        }
        Ok(id)
    }
}
