//! `stop = true`: `docker stop`, timed. The program's end, and so the last action.

use crate::actions::kind::{Form, Kind, Reply, Request, seconds};
use crate::ending::Moment;
use crate::folder::Folder;
use crate::toml::table::Table;
use policy::limits::STOP_GRACE_SECONDS;
use serde::Serialize;

/// `docker stop`: SIGTERM, and SIGKILL when its grace is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {}

impl Form for Stop {
    const KEY: &'static str = "stop";
    const MOMENT: Moment = Moment::Stop;

    fn read(table: &Table<'_>, _: &Folder) -> Option<Stop> {
        let stop = table.flag(Self::KEY)?;
        if !stop.value {
            stop.report("`stop = false` does nothing: leave the act out");
        }
        Some(Stop {})
    }
}

impl Kind for Stop {
    fn request(&self) -> Request<'_> {
        Request::Stop {
            grace_seconds: STOP_GRACE_SECONDS,
        }
    }

    fn by_hand(&self) -> String {
        "docker stop app".to_owned()
    }

    fn is_timed(&self) -> bool {
        true
    }

    fn refused(&self) -> &'static [(&'static str, &'static str)] {
        &[("message", "a `stop` says nothing: it has no `message`")]
    }

    fn seen(&self, reply: &Reply) -> Option<String> {
        Some(format!("took {}", seconds(reply.ms)))
    }
}
