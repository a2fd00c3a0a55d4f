//! The mdBook, rendered in process, with its lab panels.
