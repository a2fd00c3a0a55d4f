//! The one doorway to Docker: nothing else names bollard or BuildKit.
//!
//! Finding and connecting (`discover`, `private`, `connection`), what differs between kinds of
//! engine (`kind`), building (`build`), running (`container`, `hardening`, `exec`, `network`),
//! images (`image`, `inspect`, `export`), cleaning up (`owner`, `sweep`), and what goes wrong
//! (`error`, with `refusals` reading what engines say in English).
//! It knows nothing of labs: it is handed plain requests and hands back plain values.

mod address;
mod blocking_reader;
mod build;
mod connection;
mod container;
mod container_request;
mod discover;
mod emulation;
mod error;
mod event;
mod exec;
mod export;
mod hardening;
mod image;
mod image_archive;
mod inspect;
mod kind;
mod memory;
mod names;
mod network;
mod owner;
mod private;
mod random;
mod refusals;
mod sweep;

pub use address::Address;
pub use build::{BuildNetwork, BuildRequest, Built, Patience, StoppedBuilds, build_context};
pub use connection::{Engine, EngineFacts, Machine};
pub use container::Exit;
pub use container_request::{Attachment, ContainerRequest, Mounts};
pub use discover::{NoEngine, discover};
pub use error::{BuildError, ConnectError, EngineError, ImageError, Stall, StartError};
pub use event::{
    BuildEvent, BuildRemark, OnEvent, StepError, StepFinished, StepLog, StepProgress, StepStatus,
    Stream,
};
pub use exec::{Executed, HealthState};
pub use image::{ImageFacts, ImageListed, PullProgress};
pub use image_archive::{ImageReadError, Transfer, in_thread, unreadable};
pub use inspect::SMALL;
pub use kind::EngineKind;
pub use names::{MODULES_IMAGE, is_run_tag, run_tag};
pub use network::PrivateNetwork;
pub use owner::{LABEL, Owner};
pub use private::{PrivateEngine, PrivateError};
pub use random::{hex, random_hex};
pub use refusals::{
    exec_failure, is_cut_off, is_disk_full, is_exec_refusal, is_registry_unreachable,
};
pub use sweep::{Object, Swept};
