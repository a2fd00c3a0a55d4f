//! One click as one stream of events with one terminal event.

mod event;

pub use event::{
    Check, Ending, Entry, Event, Finished, LayerSize, Phase, Probed, Sizes, StepError, StepStatus,
    Stream, Trouble,
};
