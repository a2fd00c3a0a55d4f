//! What the page and `playground bases status` say about each base.

use super::Bases;
use super::origin::BaseState;
use engine::Engine;
use serde::Serialize;

/// One base, as it stands on an engine.
#[derive(Clone, Debug, Serialize)]
pub struct BaseStatus {
    /// As Dockerfiles write it.
    pub name: String,
    /// Published, rebuilt or missing.
    pub state: BaseState,
    /// As this engine prints it; absent where it has no such image.
    pub size_bytes: Option<u64>,
    /// What the published image weighs, in MB, where we can say who says so.
    pub published_mb: Option<f64>,
    /// How a rebuilt one differs from the published one.
    pub differs: Vec<String>,
}

impl Bases {
    /// The state of every base; an engine that does not answer has none of them.
    pub async fn status(&self, engine: &Engine) -> Vec<BaseStatus> {
        let mut all = Vec::new();
        for base in &self.spec.bases {
            let answer = self.state(engine, base).await;
            let (state, there) = answer.unwrap_or((BaseState::Missing, None));
            all.push(BaseStatus {
                name: base.name.clone(),
                state,
                size_bytes: there.map(|facts| facts.size_bytes),
                published_mb: base.published_mb,
                differs: base.differs.clone(),
            });
        }
        all
    }
}
