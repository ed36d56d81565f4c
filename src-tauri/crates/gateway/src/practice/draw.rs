//! One draw of the model: the size, the seed, and what temperature adds.

use provider::openai::{ChatMessage, ChatRequest};

use super::seeded;
use super::size::PracticeSize;

/// How far one degree of temperature moves the score of a sentence, at most. Only what is nearly equal can change places.
const SPREAD: f64 = 0.12;

/// What perturbs the answer to one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    pub size: PracticeSize,
    pub seed: u64,
    temperature: f64,
    /// Depends on the whole request, so that at a temperature equal questions in different prompts vary independently.
    request: u64,
}

impl Draw {
    /// The request's own `seed` joins the server's, so a repeat that should differ sends another one.
    pub fn new(request: &ChatRequest, server: u64) -> Self {
        let seed = request
            .seed
            .map_or(server, |own| seeded::hash(server, &[&own.to_string()]));
        let said: Vec<String> = request.messages.iter().map(ChatMessage::plain).collect();
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        Self {
            size: PracticeSize::named(&request.model).unwrap_or_default(),
            seed,
            temperature: request.temperature.unwrap_or(0.0).clamp(0.0, 2.0),
            request: seeded::hash(seed, &said),
        }
    }

    /// What temperature does to one score; nothing at 0.
    pub fn heat(&self, parts: &[&str]) -> f64 {
        if self.temperature == 0.0 {
            return 0.0;
        }
        SPREAD * self.temperature * seeded::signed(self.request, parts)
    }

    /// Whether something happens that happens that often.
    pub fn happens(&self, often: f64, parts: &[&str]) -> bool {
        seeded::unit(self.seed, parts) < often
    }
}
