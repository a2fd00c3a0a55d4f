//! One click as one stream of events with one terminal event.

mod log;
mod verdict;

pub use log::RunLog;
pub use verdict::Evidence;

pub use crate::event::{
    Check, Ending, Entry, Event, Finished, LayerSize, Phase, Probed, Sizes, StepError, StepStatus,
    Stream, Trouble,
};
