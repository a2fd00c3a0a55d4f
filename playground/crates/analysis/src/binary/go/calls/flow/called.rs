//! What is known of the functions that a function calls.

/// What is known of the functions that a function calls, and of how it returns itself.
pub(in super::super) struct Called<'f> {
    /// It does not return.
    pub(in super::super) stops: &'f dyn Fn(u64) -> bool,
    /// Two words that may be an error begin at this place of its results.
    pub(in super::super) gives_error: &'f dyn Fn(u64, usize) -> bool,
    /// A function that begins at the first address may give an error where it returns at the second, in
    /// registers of these.
    pub(in super::super) leaves_with_error: &'f dyn Fn(u64, u64, u16) -> bool,
    /// It tells the collector of a pointer, and leaves all registers of results as they are.
    pub(in super::super) is_barrier: &'f dyn Fn(u64) -> bool,
    /// It does nothing that a reader of the source would see.
    pub(in super::super) quiet: &'f dyn Fn(u64) -> bool,
    /// It starts a program that was named before; where its error is among its results.
    pub(in super::super) starts_program: &'f dyn Fn(u64) -> Option<usize>,
}

/// What a call calls, as far as it matters for what becomes of its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Callee {
    /// A function of the program's own, which is looked into itself.
    Own,
    /// It only makes a command, which something else has to start: the error is that one's.
    MakesCommand,
    Other,
}
