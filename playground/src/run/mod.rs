//! One click as one stream of events with one terminal event.

pub use crate::event::{
    Check, Ending, Entry, Event, Finished, LayerSize, Phase, Probed, Sizes, StepError, StepStatus,
    Stream, Trouble,
};
