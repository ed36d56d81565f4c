//! Model APIs: wire shapes, usage, prices, exchanges and the only HTTP client.

pub mod exchange;
pub mod http;
pub mod openai;
pub mod price;

pub use exchange::{Exchange, ExchangeError, ExchangeErrorKind, ExchangeRecorder, OutgoingRequest};
pub use http::{ClientOptions, HttpClient};
pub use price::{PriceRow, PriceTable, Priced};
