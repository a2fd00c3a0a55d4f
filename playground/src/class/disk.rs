//! How much room there is, and how much a folder takes.

use std::path::Path;

/// Bytes that are free for us on the disk that holds `path`; `None` where the system does not say.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let facts = rustix::fs::statvfs(path).ok()?;
    Some(facts.f_bavail.saturating_mul(facts.f_frsize))
}

/// Bytes of all files below a folder; links are not followed.
pub(super) fn folder_bytes(dir: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(facts) if facts.is_dir() => folders.push(entry.path()),
                Ok(facts) => bytes += facts.len(),
                // It went away meanwhile.
                Err(_) => {}
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_below_a_folder_count_and_what_links_lead_to_does_not() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("in")).expect("made");
        std::fs::write(dir.path().join("in/a"), [0; 700]).expect("written");
        std::fs::write(dir.path().join("b"), [0; 300]).expect("written");
        assert_eq!(folder_bytes(dir.path()), 1000);
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", dir.path().join("up")).expect("linked");
        assert!(folder_bytes(dir.path()) < 2000);
        assert_eq!(folder_bytes(&dir.path().join("none")), 0);
        assert!(free_bytes(dir.path()).is_some_and(|free| free > 0));
    }
}
