//! What the screens show. Every text is final for the reader, except dates, which the screen formats.

mod roadmap;
mod setup;
mod skills;
mod today;

pub use roadmap::*;
pub use setup::*;
pub use skills::*;
pub use today::*;
