//! A file in a layer, where a search has found it.

use serde::{Deserialize, Serialize};

/// A file in a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    /// The layer, from 1 for the base.
    pub layer: usize,
    /// Path in the image.
    pub path: String,
    /// The instruction that made the layer.
    pub created_by: String,
}
