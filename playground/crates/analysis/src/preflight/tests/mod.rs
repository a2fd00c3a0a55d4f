//! What preflight says of small images, each with one thing wrong, and of those with nothing.

mod advice;
mod corpus;
mod layers;
mod libraries;
mod needs;
mod start;
