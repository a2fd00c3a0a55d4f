//! The HTTP face: knows runs and pages, no containers.
