//! `debug = "toolbox"`: a container with tools beside the running one, in its PID and network
//! namespaces.

use crate::actions::kind::{Form, Kind, Request};
use crate::ending::Moment;
use crate::folder::Folder;
use crate::toml::reader::Need;
use crate::toml::rules::image_folder;
use crate::toml::table::Table;
use serde::Serialize;

/// A container with tools beside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debug {
    /// Folder under `<lab>/debug/`, holding a `Dockerfile` and its sources.
    pub image: String,
    /// Arguments instead of the image's CMD.
    pub command: Option<Vec<String>>,
}

impl Form for Debug {
    const KEY: &'static str = "debug";
    const MOMENT: Moment = Moment::Exec;
    const MORE_KEYS: &'static [&'static str] = &["command"];

    fn read(table: &Table<'_>, folder: &Folder) -> Option<Debug> {
        let image = table.text(Self::KEY, Need::Optional);
        let command = table.words("command");
        if let Some(image) = &image {
            let shown = format!("{}/debug", folder.shown);
            image_folder("debug image", image, &shown, &folder.debug);
        }
        Some(Debug {
            image: image?.value,
            command,
        })
    }
}

impl Kind for Debug {
    fn request(&self) -> Request<'_> {
        Request::RunBeside {
            image: &self.image,
            command: self.command.as_deref(),
        }
    }

    fn by_hand(&self) -> String {
        let command = self.command.iter().flatten().map(|word| format!(" {word}"));
        let command: String = command.collect();
        format!(
            "docker run --rm --pid container:app --network container:app --cap-drop ALL \
             --cap-add SYS_PTRACE {}{command}",
            self.image
        )
    }
}
