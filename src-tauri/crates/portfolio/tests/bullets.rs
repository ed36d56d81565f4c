//! Résumé bullets.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use portfolio::{ProofSite, Standing, Templates, bullets, check_bullet, standing};
use support::*;

#[test]
fn claims_that_hold_make_bullets_with_proof() {
    let (_, claims) = project(false);
    let made = bullets(&Templates::shipped(), &claims, &ProofSite::default()).unwrap();
    assert!(
        made.iter().all(|bullet| bullet.ok && bullet.proof.len() == 1),
        "{made:#?}"
    );
    let first = &made[0];
    assert_eq!(first.pattern.as_deref(), Some("change"));
    assert_eq!(
        first.text,
        "Raised pass rate from 61 % to 80 % on 100 paired cases (difference +19 points, interval 11 to 27)"
    );
    assert_eq!(first.proof[0].href, "case-study.html#claim-pass-rate-change");
    assert_eq!(made.len(), 3, "{made:#?}");
}

/// R146: a project without a measured outcome is an exploration and yields no bullet.
#[test]
fn an_exploration_yields_no_bullet() {
    let (_, mut claims) = project(false);
    claims.retain(|claim| !claim.holds());
    assert_eq!(standing(&claims), Standing::Exploration);
    assert!(
        bullets(&Templates::shipped(), &claims, &ProofSite::default())
            .unwrap()
            .is_empty()
    );
}

/// R170: a bullet without proof link is refused. R175: a number above the measured one is refused with the reason.
#[test]
fn an_edited_bullet_needs_proof_and_measured_numbers() {
    let (_, claims) = project(false);
    let site = ProofSite {
        project: "x".into(),
        base: Some("https://example.org/work".into()),
    };
    let bullet = |text: &str| check_bullet(text, &claims, &site);
    let unproven = bullet("Built a support assistant that cites its sources");
    assert!(!unproven.ok && unproven.proof.is_empty());
    assert!(unproven.refusals[0].reason.contains("no proof"));
    let boasting = bullet("Pass rate 95 % instead of [[pass-rate]]");
    assert!(!boasting.ok);
    assert!(
        boasting.refusals[0]
            .reason
            .contains("95 % is above the measured 80 %"),
        "{boasting:#?}"
    );
    let stale = bullet("Reduced latency by [[latency-p95-change.difference]]");
    assert!(
        stale
            .refusals
            .iter()
            .any(|refusal| refusal.reason.contains("cannot tell the runs apart"))
    );
    let good = bullet("Built a support assistant:  [[pass-rate-change.sentence]]");
    assert!(good.ok, "{good:#?}");
    assert_eq!(
        good.proof[0].href,
        "https://example.org/work#claim-pass-rate-change"
    );
    assert!(good.text.ends_with("(paired difference +19 points, 11 to 27)"));
}

#[test]
fn a_practice_bullet_says_so_once() {
    let (_, claims) = project(true);
    let made = bullets(&Templates::shipped(), &claims, &ProofSite::default()).unwrap();
    assert!(!made.is_empty());
    for bullet in made {
        assert!(
            bullet.practice && bullet.text.matches("(practice model)").count() == 1,
            "{}",
            bullet.text
        );
    }
    let sentence = check_bullet("Measured: [[pass-rate.sentence]]", &claims, &ProofSite::default());
    assert_eq!(sentence.text.matches("(practice model)").count(), 1);
}

#[test]
fn a_number_in_a_bullet_template_is_refused() {
    let (_, claims) = project(false);
    let templates = Templates::default().with("bullets/bold.tera", "Served [[{{ slug }}]] of 5000 users");
    let made = bullets(&templates, &claims, &ProofSite::default()).unwrap();
    assert!(!made.is_empty() && made.iter().all(|bullet| !bullet.ok));
}
