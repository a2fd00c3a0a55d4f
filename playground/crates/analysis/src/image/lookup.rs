//! A path looked up in the merged tree as the kernel would inside a container of the image:
//! links are followed, and neither `..` nor an absolute link leaves the root.

use super::limits::{MAX_LINKS, MAX_NAME};
use super::tree::{NodeId, Tree};

/// Why a path leads nowhere, in the kernel's distinctions: `ENOENT`, `ENOTDIR`, `ELOOP` beyond
/// 40 links, `ENAMETOOLONG`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LookupError(String);

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
            return Err(LookupError("the path is longer than 4096 bytes".into()));
        }
        let mut open: Vec<&str> = path.split('/').rev().collect();
        let mut at = NodeId::ROOT;
        let mut links = 0;
        while let Some(part) = open.pop() {
            *steps += 1;
            if !self.node(at).is_directory() {
                return Err(LookupError(format!("{} is no directory", self.path(at))));
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
                return Err(LookupError(format!("{directory}/{part} is not there")));
            };
            match self.node(child).target() {
                Some(target) if follow || !open.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        let link = self.path(child);
                        let why = format!("{link} leads through links without end");
                        return Err(LookupError(why));
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
