//! One trial: asked, asked again where that is worth it, priced, judged.

use super::{
    RunPlan,
    budget::{self, Purse},
    cache,
    pace::Pace,
};
use crate::{
    dataset::Case,
    judge::ToJudge,
    target::{Asked, Target},
    trial::{Attempt, Cause, TrialKey, TrialResult},
};
use chrono::SubsecRound as _;
use provider::{ExchangeErrorKind, NextStep, PriceContext};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Asks, judges and prices one trial. Attempts that are made again are logged with the result.
pub(super) async fn trial(
    plan: &RunPlan,
    target: Arc<dyn Target>,
    pace: &Mutex<Pace>,
    purse: Option<&Mutex<Purse>>,
    case: Arc<Case>,
    repeat: u32,
) -> TrialResult {
    let started_at = chrono::Utc::now().trunc_subsecs(3);
    let (asked, attempts, cached) = match cache::look_up(plan, target.as_ref(), &case, repeat).await {
        Some(asked) => (asked, Vec::new(), true),
        None => {
            let (asked, attempts) = ask(plan, target.as_ref(), pace, purse, &case, repeat).await;
            cache::keep(plan, target.as_ref(), &case, repeat, &asked).await;
            (asked, attempts, false)
        }
    };
    let mut result = TrialResult {
        key: TrialKey {
            case_index: case.index,
            repeat,
        },
        case_id: case.id.clone(),
        case_fingerprint: case.fingerprint(),
        category: case.category.clone(),
        cluster: case.cluster(),
        weight: case.weight(),
        title: case.title(),
        fields: Arc::new(case.fields.clone()),
        passed: false,
        score: 0.0,
        failure: None,
        error: None,
        latency_ms: asked.latency_ms,
        first_token_ms: asked
            .answer
            .as_ref()
            .ok()
            .and_then(|answer| answer.first_token_ms),
        cost: None,
        price: None,
        unpriced: false,
        practice: plan.practice,
        cached,
        attempts,
        answer: None,
        grades: Vec::new(),
        grading_cost: None,
        started_at,
        exchange: asked.exchange,
    };
    let answer = match asked.answer {
        Err(error) => {
            result.failure = Some(error.cause.label().to_owned());
            result.error = Some(error);
            return result;
        }
        Ok(answer) => answer,
    };
    // By its name too: a practice model reached by its address, or without reported tokens, is practice all the same.
    result.practice |= answer
        .model
        .as_deref()
        .is_some_and(|model| plan.prices.is_practice(model));
    if let (Some(model), Some(tokens)) = (&answer.model, answer.tokens) {
        let usage = answer.usage.unwrap_or_else(|| tokens.into());
        let priced = PriceContext::served(answer.service_tier.as_deref(), started_at)
            .and_then(|context| plan.prices.price(model, &usage, &context));
        match priced {
            Some(priced) => {
                result.cost = Some(priced.cost);
                result.price = Some(priced.row);
                result.practice |= priced.practice;
            }
            None => result.unpriced = true,
        }
    }
    let judged = plan
        .judge
        .judge(ToJudge {
            case: &case,
            answer: &answer,
            repeat,
            latency_ms: result.latency_ms,
            cost: result.cost,
            cached,
        })
        .await;
    result.passed = judged.passed && judged.error.is_none();
    result.score = judged.score;
    result.failure = match &judged.error {
        Some(error) => Some(error.cause.label().to_owned()),
        None => judged.failure,
    };
    result.error = judged.error;
    result.grades = judged.grades;
    result.grading_cost = judged.cost;
    result.practice |= judged.practice;
    result.answer = Some(answer);
    result
}

/// Asks until there is an answer, a failure that asking again will not mend, no attempt left, or no money for another one.
async fn ask(
    plan: &RunPlan,
    target: &dyn Target,
    pace: &Mutex<Pace>,
    purse: Option<&Mutex<Purse>>,
    case: &Case,
    repeat: u32,
) -> (Asked, Vec<Attempt>) {
    let mut attempts = Vec::new();
    loop {
        let asked = target.ask(case, repeat).await;
        let number = attempts.len() as u32 + 1;
        let next = match (&asked.exchange, asked.unanswered) {
            (Some(exchange), _) => plan.retry.after_answer(number, exchange),
            (None, Some(error)) => plan.retry.after_error(number, error),
            (None, None) => NextStep::Stop(None),
        };
        let wait = match &next {
            NextStep::Wait(wait, _) => Some(*wait),
            NextStep::Stop(_) => None,
        };
        {
            let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.status() == Some(429) {
                pace.limited(Instant::now(), wait);
            } else {
                pace.clean(Instant::now());
            }
        }
        let NextStep::Wait(wait, reason) = next else {
            return (asked, attempts);
        };
        let key = TrialKey {
            case_index: case.index,
            repeat,
        };
        if let Some(purse) = purse
            && asked.unanswered.is_some_and(ExchangeErrorKind::may_cost)
            && !budget::open(purse).again(key)
        {
            return (asked, attempts);
        }
        let status = asked.status();
        let (cause, message) = match asked.answer {
            Err(error) => (error.cause, error.message),
            Ok(_) => (Cause::HttpStatus, String::new()),
        };
        attempts.push(Attempt {
            cause,
            message,
            status,
            latency_ms: asked.latency_ms,
            waited_ms: wait.as_secs_f64() * 1000.0,
            reason,
        });
        tokio::time::sleep(wait).await;
    }
}
