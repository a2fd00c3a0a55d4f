//! What reading one input takes at most, counted in bytes as they are asked for.

use peak_alloc::PeakAlloc;

#[global_allocator]
static COUNTED: PeakAlloc = PeakAlloc;

/// Panics where `work` holds more than `most` bytes at once.
pub fn within<T>(most: usize, work: impl FnOnce() -> T) -> T {
    let before = COUNTED.current_usage();
    COUNTED.reset_peak_usage();
    let done = work();
    let took = COUNTED.peak_usage().saturating_sub(before);
    assert!(
        took <= most,
        "{took} bytes of memory where {most} were promised"
    );
    done
}
