//! Where in an image something lies, as findings say it.

use super::ImageContext;
use crate::image::tree::NodeId;
use serde::Serialize;

/// Where in an image something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Path in the image, with a leading slash; `None` where the image's config is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The layer, from 1 for the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
    /// The instruction that made the layer, where the history tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

impl ImageContext<'_> {
    /// Where a file of the merged tree lies.
    pub(crate) fn location(&self, id: NodeId) -> Location {
        let layer = self.tree.node(id).id.map(|id| id.layer + 1);
        self.location_in(Some(self.tree.path(id)), layer)
    }

    /// A path in a layer, which counts from 1 for the base.
    pub(crate) fn location_in(&self, path: Option<String>, layer: Option<u32>) -> Location {
        let layers = &self.inspection.image.layers;
        let made = layer.and_then(|layer| layers.get((layer as usize).checked_sub(1)?));
        Location {
            path,
            layer,
            created_by: made
                .map(|layer| layer.created_by.clone())
                .filter(|by| !by.is_empty()),
        }
    }
}
