//! The one integration binary: feature modules, tests named as promises.

mod bases;
