//! The images that Dockerfiles start from: there, pulled, or rebuilt without a registry.
