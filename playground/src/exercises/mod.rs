//! A learner's way through the exercises: what is handed in, how it is graded, what is said to it.
//!
//! The exercises themselves are data of the catalog, and they are built and run as labs are.
//! Refuses to know HTTP and terminals.

mod grading;

pub use grading::said;
