//! What C code lacks in musl, and how musl is asked for it. Pure.

use super::pattern;
use crate::adopt::plan::{C_FLAGS, Linkage, Plan};
use crate::adopt::repair::Repair;
use regex::Regex;
use std::sync::LazyLock;

/// What the C compiler is told. Whoever tells it anything takes the place of Go's own -O2.
const FLAGS: &str = "\"-O2 -D_LARGEFILE64_SOURCE\"";

/// Names of 64-bit file calls, which musl has since 1.2.4 only for whoever asks for them.
static LARGE_FILES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:unknown type name |error: |function )['‘`](?:off64_t|p(?:read|write)64|(?:fstat|lseek|ftruncate|mmap|open)64)['’]",
    )
});

/// What a stage was to take over is not there: the builder's words, and no compiler's.
static NOT_COPIED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)failed to (?:compute cache key|calculate checksum)|^COPY failed: |: not found: not found$",
    )
});
/// Go's own checks of types say so, and no C compiler does.
static OF_GO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)^\s*\S+\.go:\d+:\d+: (?:undefined: [^C]|undefined: C[^.]|cannot use |not enough arguments |too many arguments |unknown field |assignment mismatch|missing return|.* undefined \(type )",
    )
});
static OF_C: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bC\.\w|: error: |fatal error: |undefined reference|ld returned|collect2|cannot find -l",
    )
});

/// Whether another C library may do where a build with musl failed.
pub(super) fn may_be_at_fault(said: &str) -> bool {
    let others = [&super::EMBED, &super::ABSENT, &NOT_COPIED];
    let go_alone = OF_GO.is_match(said) && !OF_C.is_match(said);
    !go_alone && !others.iter().any(|other| other.is_match(said))
}

/// Asks musl for what the C code lacks, once.
pub(super) fn asked_for(said: &str, plan: &mut Plan, why: &str) -> Option<Repair> {
    let lacks = plan.linkage == Linkage::Musl && LARGE_FILES.is_match(said);
    if !lacks || plan.settings.contains_key(C_FLAGS) {
        return None;
    }
    plan.settings.insert(C_FLAGS.into(), FLAGS.into());
    Some(Repair {
        what: "its C code gets the names of 64-bit file calls that musl took away".into(),
        why: why.to_owned(),
        page: Some("c/cgo.html".into()),
    })
}

/// Nothing is asked of musl any more.
pub(super) fn no_more(plan: &mut Plan) {
    plan.settings.remove(C_FLAGS);
}
