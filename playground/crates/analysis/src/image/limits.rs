//! How much of an archive is believed; `meter` holds it to that.
//!
//! Every bound is far beyond what real images need and far below what would hurt; together
//! they keep the memory of a reading below about 1.75 GiB whatever the archive says.

/// The bound, and a smaller one in unit tests and fuzz targets, which would take minutes to
/// reach it.
const fn bound(real: u64, tested: u64) -> u64 {
    match cfg!(any(test, feature = "small-bounds")) {
        true => tested,
        false => real,
    }
}

/// Bytes of one manifest, index or config: registries refuse manifests beyond 4 MiB.
pub(crate) const MAX_JSON: u64 = 4 << 20;
/// Bytes of all JSON of an archive, which is held until its end: 64 MiB are thousands of images.
pub(crate) const MAX_JSON_TOTAL: u64 = bound(64 << 20, 8 << 20);
/// Members of an archive or files of a layout: `docker save` writes four for each layer.
pub(crate) const MAX_MEMBERS: usize = bound(100_000, 5_000) as usize;
/// Layers of an image; overlayfs takes 128 of Docker, and containerd as many as 500.
pub const MAX_LAYERS: usize = 512;
/// Entries of all layers: golang:1.23 has 45 000, and each costs us about 150 bytes.
pub(crate) const MAX_ENTRIES: usize = bound(2_000_000, 20_000) as usize;
/// Bytes of all names and link targets: golang:1.23 has 3 MB.
pub(crate) const MAX_NAME_BYTES: u64 = bound(256 << 20, 8 << 20);
/// Bytes of one path or link target: Linux' `PATH_MAX`, beyond which nothing can be opened.
pub const MAX_NAME: usize = 4096;
/// Directories above a file. The deepest trees of npm have about 50; engines take as many as a path
/// has room for.
pub(crate) const MAX_DEPTH: usize = 1000;
/// Places in the merged tree, with directories that are only implied by a file's path.
pub(crate) const MAX_NODES: usize = bound(2_500_000, 40_000) as usize;
/// Bytes of all paths in the merged tree, each written out: golang:1.23 has 1.4 MB, a million files
/// of npm's below `/app/node_modules` have 120 MB. Without links they are about as long as the
/// names; a link to a deep directory makes each file in it as long as a path can be.
pub(crate) const MAX_PATH_BYTES: u64 = bound(512 << 20, 16 << 20);
/// Steps from name to name that merging may take: golang:1.23 takes 300 000. Links that lead
/// through links would make it billions.
pub(crate) const MAX_STEPS: u64 = bound(1 << 27, 1 << 22);
/// Bytes of what [`notes`](super::notes) keep of all files: Debian's packages are 20 KB.
pub(crate) const MAX_NOTED: u64 = bound(64 << 20, 2 << 20);
/// Bytes of facts about all executables of an image: golang:1.23's are 6 MB. A single build info
/// may be a megabyte of text, and an archive may have thousands that compress to nothing.
pub(crate) const MAX_PROGRAM_FACTS: u64 = bound(128 << 20, 8 << 20);
/// Links that one path may lead through, as Linux counts (`MAXSYMLINKS`).
pub(crate) const MAX_LINKS: usize = 40;
/// Bytes that may describe one entry (PAX records, long names): longest names and a full
/// set of extended attributes (64 KiB) fit many times.
pub(crate) const MAX_EXTENSION: u64 = 1 << 20;
/// Bytes of a zstd frame's window, which is held in memory: engines take this many and more, and
/// `zstd --long=28` asks for them. Layers have 8 MiB.
pub(crate) const MAX_WINDOW: u64 = 256 << 20;
/// Bytes of all layers, unpacked: twice the largest images in use (20–30 GB, machine learning).
pub(crate) const MAX_UNPACKED: u64 = bound(64 << 30, 64 << 20);
/// How many times larger than the archive its unpacked bytes may be: layers in use reach 10,
/// and gzip ends at 1030.
pub(crate) const MAX_RATIO: u64 = 200;
/// Unpacked bytes below which no ratio is asked for: a layer with a file of zeros is no attack.
pub(crate) const RATIO_GRACE: u64 = bound(1 << 30, 8 << 20);
