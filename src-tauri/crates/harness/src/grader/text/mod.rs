//! Graders of the answer's text against a text, a pattern or a schema.

pub(super) mod contains;
pub(super) mod exact;
pub(super) mod matches;
pub(super) mod schema;
