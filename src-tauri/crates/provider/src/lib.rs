//! Model APIs: wire shapes, usage, prices, retry policy, keys, exchanges and the only HTTP client.

pub mod api;
mod call;
mod caller;
pub mod configuration;
mod embedding;
mod endpoint;
pub mod exchange;
pub mod http;
mod key;
pub mod openai;
pub mod price;
mod retry;
mod spending;
mod usage;

pub use api::{ApiKind, Message, ModelAnswer, ModelRequest, ToolCall};
pub use call::{Attempt, Call, CallFailure, CallFailureKind};
pub use caller::Caller;
pub use configuration::{
    ConnectionReport, Discovered, ProviderConfiguration, discover_local, test_connection,
};
pub use embedding::Embeddings;
pub use endpoint::Endpoint;
pub use exchange::{Exchange, ExchangeError, ExchangeErrorKind, ExchangeRecorder, OutgoingRequest};
pub use http::{ClientOptions, HttpClient, is_loopback, origin};
pub use key::{KEYCHAIN_SERVICE, KeyError, KeySource, Secret};
pub use price::{PriceContext, PriceRow, PriceTable, Priced, Tier};
pub use retry::{NextStep, RetryPolicy};
pub use spending::{ASSUMED_OUTPUT, CapRefusal, Charge, Ledger, Reservation, SpendingCap, SpendingGuard};
pub use usage::Usage;
