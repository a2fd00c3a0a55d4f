//! What engines say when they refuse, where something depends on it: one function for each fact,
//! with the engine's real words as its test.
//!
//! Refuses to know what is made of it.

/// Whether the engine, or a step of its builder, ran into a full disk (the kernel's `ENOSPC`).
pub fn is_disk_full(text: &str) -> bool {
    text.contains("no space left on device")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_refusals() {
        // As BuildKit reports it of a COPY.
        let copy = "failed to copy files: copy file range failed: no space left on device";
        // As Docker reports it of `docker load`.
        let load = "Error processing tar file(exit status 1): write /usr/lib/go/pkg: no space left on device";
        assert!(is_disk_full(copy) && is_disk_full(load));
        assert!(!is_disk_full("failed to copy files: permission denied"));
    }
}
