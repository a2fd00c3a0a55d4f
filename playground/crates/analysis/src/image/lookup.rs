//! A path looked up in the merged tree as the kernel would inside a container of the image:
//! links are followed, and neither `..` nor an absolute link leaves the root.

use super::limits::{MAX_LINKS, MAX_NAME};
use super::tree::{NodeId, Tree};

/// Why a path leads nowhere, in the kernel's distinctions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// `ENOENT`.
    #[error("{0} is not there")]
    Missing(String),
    /// `ENOTDIR`.
    #[error("{0} is no directory")]
    NoDirectory(String),
    /// `ELOOP`: more than 40 links.
    #[error("{0} leads through links without end")]
    Loop(String),
    /// `ENAMETOOLONG`.
    #[error("the path is longer than 4096 bytes")]
    Long,
}

impl Tree<'_> {
    /// What a path leads to, through all links; relative paths start at the root.
    ///
    /// # Errors
    /// As the kernel would say it.
    pub fn lookup(&self, path: &str) -> Result<NodeId, LookupError> {
        self.resolve(path, true, &mut 0)
    }

    /// The same, but a link at the end is itself what is found.
    ///
    /// # Errors
    /// As the kernel would say it.
    pub fn lookup_link(&self, path: &str) -> Result<NodeId, LookupError> {
        self.resolve(path, false, &mut 0)
    }

    /// Adds the names on the way to `steps`.
    pub(super) fn resolve(
        &self,
        path: &str,
        follow: bool,
        steps: &mut u64,
    ) -> Result<NodeId, LookupError> {
        if path.len() > MAX_NAME {
            return Err(LookupError::Long);
        }
        let mut open: Vec<&str> = path.split('/').rev().collect();
        let mut at = NodeId::ROOT;
        let mut links = 0;
        while let Some(part) = open.pop() {
            *steps += 1;
            if !self.node(at).is_directory() {
                return Err(LookupError::NoDirectory(self.path(at)));
            }
            match part {
                "" | "." => continue,
                ".." => {
                    at = self.node(at).parent;
                    continue;
                }
                _ => {}
            }
            let Some(&child) = self.node(at).children.get(part) else {
                let directory = self.path(at);
                let directory = directory.trim_end_matches('/');
                return Err(LookupError::Missing(format!("{directory}/{part}")));
            };
            match self.node(child).target() {
                Some(target) if follow || !open.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(LookupError::Loop(self.path(child)));
                    }
                    if target.starts_with('/') {
                        at = NodeId::ROOT;
                    }
                    open.extend(target.split('/').rev());
                }
                _ => at = child,
            }
        }
        Ok(at)
    }
}
