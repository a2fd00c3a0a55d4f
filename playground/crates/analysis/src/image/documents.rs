//! The JSON of an archive, held until its end: manifests, indexes and configs, by name.
//!
//! Owns the bound on all of it, and that a blob is what its digest says. Refuses to know what
//! the documents mean.

use super::error::{ReadError, damaged};
use super::limits::MAX_JSON_TOTAL;
use super::tee::diff_id;
use super::text::shown;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// The JSON of an archive, by name.
#[derive(Default)]
pub(super) struct Documents {
    by_name: HashMap<String, Vec<u8>>,
    large: HashSet<String>,
    bytes: u64,
}

impl Documents {
    /// Takes a document in.
    pub(super) fn add(&mut self, name: &str, json: Vec<u8>) -> Result<(), ReadError> {
        self.bytes += (json.len() + name.len()) as u64;
        if self.bytes > MAX_JSON_TOTAL {
            return Err(ReadError::LargeJson { name: shown(name) });
        }
        match self.by_name.insert(name.to_owned(), json) {
            Some(before) if before != self.by_name[name] => Err(ReadError::Repeated(shown(name))),
            _ => Ok(()),
        }
    }

    /// Notes one that was too large to take in: an error only where it is needed.
    pub(super) fn add_large(&mut self, name: &str) {
        self.large.insert(name.to_owned());
    }

    /// `None` where it is not there.
    pub(super) fn get(&self, name: &str) -> Result<Option<&[u8]>, ReadError> {
        if self.large.contains(name) {
            return Err(ReadError::LargeJson { name: shown(name) });
        }
        let Some(json) = self.by_name.get(name) else {
            return Ok(None);
        };
        if let Some(hex) = name.strip_prefix("blobs/sha256/")
            && diff_id(&Sha256::digest(json))[7..] != *hex
        {
            return Err(damaged(name, "its digest is another"));
        }
        Ok(Some(json))
    }

    /// `None` where it is not there.
    pub(super) fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ReadError> {
        let parsed = self.get(name)?.map(serde_json::from_slice).transpose();
        parsed.map_err(|error| damaged(name, &error.to_string()))
    }
}
