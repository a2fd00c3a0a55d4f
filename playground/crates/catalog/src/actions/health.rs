//! `health = "unhealthy"`: what the engine's own health check comes to.

use crate::actions::kind::{Form, HealthStatus, Kind, Reply, Request};
use crate::ending::Moment;
use crate::folder::Folder;
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::Serialize;

/// Waits for the engine's health check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What it must come to.
    pub status: HealthStatus,
}

impl Form for Health {
    const KEY: &'static str = "health";
    const MOMENT: Moment = Moment::Health;

    fn read(table: &Table<'_>, _: &Folder) -> Option<Health> {
        let status = table.choice(Self::KEY, Need::Optional)?.value;
        Some(Health { status })
    }
}

impl Kind for Health {
    fn request(&self) -> Request<'_> {
        Request::AwaitHealth(self.status)
    }

    fn by_hand(&self) -> String {
        "docker inspect --format '{{json .State.Health}}' app".to_owned()
    }

    fn refused(&self) -> &'static [(&'static str, &'static str)] {
        &[("exit_code", "a health status has no `exit_code`")]
    }

    fn expected(&self) -> Option<String> {
        Some(self.status.to_string())
    }

    fn fits(&self, reply: &Reply) -> bool {
        reply.status == self.expected()
    }

    fn seen(&self, reply: &Reply) -> Option<String> {
        reply.status.clone()
    }
}
