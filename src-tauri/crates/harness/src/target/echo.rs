//! A target that answers with the case itself: for trying graders out, and for tests of everything around a target.

use super::{Asked, Target, fill_text};
use crate::{dataset::Case, trial::Answer};
use evidence::ContentHash;
use futures::{FutureExt as _, future::BoxFuture};

pub(super) struct EchoTarget {
    template: String,
}

impl EchoTarget {
    pub(super) fn new(template: &str) -> Self {
        Self {
            template: template.to_owned(),
        }
    }
}

impl Target for EchoTarget {
    fn ask<'a>(&'a self, case: &'a Case, _repeat: u32) -> BoxFuture<'a, Asked> {
        let answer = fill_text(&self.template, case).map(|text| Answer {
            text,
            ..Answer::default()
        });
        async {
            Asked {
                answer,
                exchange: None,
                unanswered: None,
                latency_ms: 0.0,
            }
        }
        .boxed()
    }

    fn request_hash(&self, case: &Case, _repeat: u32) -> Option<ContentHash> {
        fill_text(&self.template, case).ok().map(ContentHash::of)
    }
}
