//! Images on the engine: inspect, load, save, pull, tag, remove.
