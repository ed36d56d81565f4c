//! The retry policy, held against the rules of openai-python's `_base_client.py` that src/retry.rs names.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, TimeZone as _, Utc};
use proptest::prelude::*;
use provider::{
    Caller, ClientOptions, Exchange, ExchangeErrorKind, HttpClient, NextStep, OutgoingRequest, RetryPolicy,
};
use std::sync::Arc;
use std::time::Duration;
use support::exchange;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 12, 0, 0).unwrap()
}

fn policy(jitter: f64) -> RetryPolicy {
    RetryPolicy {
        retries: 9,
        jitter: Arc::new(move || jitter),
        clock: Arc::new(now),
        ..RetryPolicy::default()
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Exchange {
    let mut exchange = exchange("application/json", "{}");
    exchange.status = status;
    exchange.headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    exchange
}

fn wait(step: NextStep) -> Option<Duration> {
    match step {
        NextStep::Wait(wait, _) => Some(wait),
        NextStep::Stop(_) => None,
    }
}

#[test]
fn waits_double_to_eight_seconds_and_shrink_by_a_quarter_at_most() {
    let waits = |jitter: f64| -> Vec<f64> {
        (1..=7)
            .map(|number| {
                wait(policy(jitter).after_answer(number, &answer(500, &[])))
                    .unwrap()
                    .as_secs_f64()
            })
            .collect()
    };
    assert_eq!(waits(0.0), [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]);
    assert_eq!(waits(1.0), [0.375, 0.75, 1.5, 3.0, 6.0, 6.0, 6.0]);
    assert_eq!(RetryPolicy::default().retries, 2);
}

#[test]
fn only_these_statuses_are_retried() {
    let retried: Vec<u16> = (200..=599)
        .filter(|status| wait(policy(0.0).after_answer(1, &answer(*status, &[]))).is_some())
        .collect();
    let expected: Vec<u16> = [408, 409, 429].into_iter().chain(500..=599).collect();
    assert_eq!(retried, expected);
}

#[test]
fn the_server_may_ask_in_three_forms_and_the_finest_wins() {
    let asked = |headers: &[(&str, &str)]| wait(policy(0.0).after_answer(1, &answer(429, headers)));
    assert_eq!(
        asked(&[("retry-after-ms", "1500")]),
        Some(Duration::from_millis(1500))
    );
    assert_eq!(asked(&[("Retry-After", "7")]), Some(Duration::from_secs(7)));
    assert_eq!(
        asked(&[("retry-after", "0.25")]),
        Some(Duration::from_millis(250))
    );
    assert_eq!(
        asked(&[("retry-after", "Sun, 01 Nov 2026 12:00:30 GMT")]),
        Some(Duration::from_secs(30))
    );
    assert_eq!(
        asked(&[("retry-after", "7"), ("retry-after-ms", "20")]),
        Some(Duration::from_millis(20))
    );
    // What asks for nothing leaves the usual wait.
    for nothing in ["0", "-3", "soon", "", "NaN", "Sun, 01 Nov 2026 11:59:00 GMT"] {
        assert_eq!(
            asked(&[("retry-after", nothing)]),
            Some(Duration::from_millis(500)),
            "{nothing}"
        );
    }
    // Two minutes are waited for and not a second more.
    assert_eq!(asked(&[("retry-after", "120")]), Some(Duration::from_secs(120)));
    assert_eq!(asked(&[("retry-after", "121")]), None);
    assert_eq!(asked(&[("retry-after", "Sun, 01 Nov 2026 12:05:00 GMT")]), None);
}

#[test]
fn the_server_may_overrule_the_status() {
    let step = |status, word| policy(0.0).after_answer(1, &answer(status, &[("x-should-retry", word)]));
    assert_eq!(wait(step(500, "false")), None);
    assert_eq!(wait(step(400, "true")), Some(Duration::from_millis(500)));
    assert_eq!(wait(step(500, "perhaps")), Some(Duration::from_millis(500)));
}

#[test]
fn what_would_end_the_same_way_is_not_repeated() {
    use ExchangeErrorKind::{Client, Connect, Interrupted, Request, Timeout, Tls, TooLarge};
    for kind in [Connect, Timeout, Interrupted] {
        assert!(wait(policy(0.0).after_error(1, kind)).is_some(), "{kind:?}");
    }
    for kind in [Tls, TooLarge, Client, Request] {
        assert!(wait(policy(0.0).after_error(1, kind)).is_none(), "{kind:?}");
    }
}

/// With paused time, a day of waiting takes no time, and the waits are exactly those of the policy.
#[tokio::test(start_paused = true)]
async fn the_waits_are_waited() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let caller = Caller::new(
        HttpClient::new(ClientOptions {
            timeout: Duration::from_secs(3600),
            ..ClientOptions::default()
        })
        .unwrap(),
        RetryPolicy {
            retries: 4,
            ..policy(0.0)
        },
    );
    let started = tokio::time::Instant::now();
    let request = OutgoingRequest {
        method: "GET".into(),
        url,
        ..OutgoingRequest::default()
    };
    let failure = caller.send(request).await.unwrap_err();
    assert_eq!(failure.attempts.len(), 5);
    let waited: Duration = failure.attempts.iter().map(|attempt| attempt.waited).sum();
    assert_eq!(waited, Duration::from_millis(7500));
    assert!(started.elapsed() >= waited);
}

proptest! {
    #[test]
    fn no_header_makes_a_wait_beyond_two_minutes(value in "\\PC{0,24}", number in 1..9_u32, jitter in 0.0..1.0_f64) {
        for name in ["retry-after", "retry-after-ms"] {
            if let Some(wait) = wait(policy(jitter).after_answer(number, &answer(429, &[(name, &value)]))) {
                prop_assert!(wait <= Duration::from_secs(120));
            }
        }
    }
}
