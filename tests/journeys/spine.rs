//! From setting out to a case study whose numbers are the run's.

use crate::support::{Desk, change, metric};
use api::{
    evidence::{GateVerdict, RunStatus},
    wire::{
        Nothing,
        portfolio::CreateClaimRequest,
        screen::{LinkRequest, LinkSource},
    },
};
use journey::{Command, Place, views::WeekState};
use portfolio::{ClaimKind, ClaimState};

/// R106: an evaluation set and its automated run close week 4 and are frozen as the baseline. R123: the week stays open
/// without an artifact, a retro and a plan. R104: the run is on record. R40: evidence rises to level 2, beside the
/// self-score and not mixed with it, and the cap is explained.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_closes_week_four_and_raises_evidence() {
    let desk = Desk::new();
    desk.sets_out().await;
    let evaluation = async |desk: &Desk| {
        let skills = desk.playbook.skills(Nothing {}).await.unwrap();
        skills
            .competencies
            .into_iter()
            .find(|one| one.id == "evaluation")
            .unwrap()
    };
    let before = evaluation(&desk).await;
    assert_eq!((before.self_level, before.evidence_level), (Some(3), 1));

    let project = desk.starter().await;
    assert_eq!(project.label.as_deref(), Some("exploration"));
    desk.days_pass(22);
    let run = desk.candidate(project.id).await.summary;
    assert_eq!((run.status, run.cases, run.number), (RunStatus::Finished, 100, 1));
    let view = desk
        .playbook
        .project(api::wire::project::ProjectRequest { project: project.id })
        .await
        .unwrap();
    assert_eq!((view.runs.len(), view.row.label), (1, None));

    let close = |retro: &str, plan: &str| Command::CloseWeek {
        week: 4,
        retro: retro.into(),
        next_plan: plan.into(),
    };
    let error = desk.refused(close("It ran.", "Change one line.")).await;
    assert!(error.message.contains("Week 4 cannot be closed yet"), "{error}");
    let link = LinkRequest {
        place: Place::Week { week: 4 },
        source: LinkSource::Run { run: run.run },
        label: String::new(),
        need: None,
    };
    desk.playbook.link_artifact(link).await.unwrap();
    assert!(
        desk.refused(close(" ", "Change one line."))
            .await
            .message
            .contains("no retro")
    );
    assert!(
        desk.refused(close("It ran.", ""))
            .await
            .message
            .contains("no plan")
    );
    desk.does(close(
        "It ran, and a quarter of the cases miss their document.",
        "Hand over more passages.",
    ))
    .await;
    let roadmap = desk.playbook.roadmap(Nothing {}).await.unwrap();
    let week = roadmap.weeks.iter().find(|week| week.number == 4).unwrap();
    assert_eq!(week.state, WeekState::Done);
    assert_eq!(
        (roadmap.progress.weeks_closed, roadmap.baseline),
        (1, Some(run.run))
    );

    let after = evaluation(&desk).await;
    assert_eq!((after.self_level, after.evidence_level), (Some(3), 2));
    assert!(
        after.evidence.iter().any(|line| line.run == Some(run.run)),
        "{after:?}"
    );
    let cap = after.cap.unwrap();
    assert!(
        cap.contains("Held at level 2") && cap.contains("not a practice model"),
        "{cap}"
    );
}

/// R130: the RAG support assistant is done when what it answers without ground fell and the latency is known, both
/// measured on the same cases. R137: the change stands with its timeframe, its number of cases and its run ids.
/// R73: against the first run, a later one shows its difference.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_candidate_makes_a_claim_about_the_change() {
    let desk = Desk::new();
    let project = desk.starter().await;
    let first = desk.candidate(project.id).await.summary;
    desk.days_pass(3);
    let view = desk
        .playbook
        .project(api::wire::project::ProjectRequest { project: project.id })
        .await
        .unwrap();
    let mark = view.first_change.unwrap();
    assert!(mark.text.starts_with("TOP_K = 2"), "{mark:?}");
    change(
        &desk.sandbox.path("assistant").join(&mark.path),
        "TOP_K = 2",
        "TOP_K = 5",
    );
    let second = desk.candidate(project.id).await;
    assert_eq!(second.summary.gate.verdict, GateVerdict::Passed);
    assert!(second.summary.target_changed && !first.target_changed);
    let previous = second.previous.unwrap();
    assert_eq!((previous.number, previous.gained, previous.lost), (1, 20, 1));
    assert_eq!(previous.differs, ["source"]);
    let second = second.summary;

    let offered = desk.portfolio(project.id).await.proposals;
    let claim = |slug: &str, name: &str, baseline| CreateClaimRequest {
        project: project.id,
        slug: slug.into(),
        metric: name.into(),
        run: second.run,
        baseline,
    };
    for name in ["refusal", "latency_mean", "pass_rate"] {
        let offer = offered
            .iter()
            .find(|one| one.metric == name && one.kind == ClaimKind::Change)
            .unwrap();
        assert_eq!(
            (offer.run, offer.baseline),
            (second.run, Some(first.run)),
            "{name}"
        );
        desk.playbook
            .create_claim(claim(&offer.slug, name, offer.baseline))
            .await
            .unwrap();
    }
    let claims = desk.portfolio(project.id).await.claims;
    let find = |name: &str| claims.iter().find(|claim| claim.metric == name).unwrap();
    let refusal = find("refusal");
    let fell = refusal.change.as_ref().unwrap();
    assert_eq!(refusal.state, ClaimState::Holds, "{refusal:?}");
    assert_eq!(
        (fell.improved, fell.n, fell.distinguishable),
        (Some(true), 100, true)
    );
    assert_eq!(Some(fell.before), metric(&first, "refusal").value);
    assert_eq!(Some(fell.after), metric(&second, "refusal").value);
    assert!(fell.interval.is_some() && fell.p_value.unwrap() < 0.05);
    let latency = find("latency_mean");
    assert_eq!(latency.change.as_ref().unwrap().n, 100);
    assert!(latency.change.as_ref().unwrap().interval.is_some());
    for claim in [refusal, latency] {
        assert_eq!(claim.dates_text, "2 Nov 2026 to 5 Nov 2026");
        assert_eq!(claim.runs_text, "runs 1 and 2");
        assert_eq!(claim.n_text, "100 cases");
        assert_eq!(
            claim.runs.iter().map(|run| run.run).collect::<Vec<_>>(),
            [first.run, second.run]
        );
        assert!(
            claim.practice && claim.sentence.contains("practice model"),
            "{}",
            claim.sentence
        );
        assert_eq!(claim.change.as_ref().unwrap().differed, ["source"]);
    }
}

/// A newer candidate that contradicts a claim makes it stale, with the reason; an experiment does not.
/// H10: an improvement that the paired comparison does not carry cannot be claimed.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_candidate_turns_a_claim_stale() {
    let desk = Desk::new();
    let project = desk.starter().await;
    let service = desk.sandbox.path("assistant/service.py");
    change(&service, "TOP_K = 2", "TOP_K = 5");
    let run = desk.candidate(project.id).await.summary;
    let request = |slug: &str, metric: &str, baseline| CreateClaimRequest {
        project: project.id,
        slug: slug.into(),
        metric: metric.into(),
        run: run.run,
        baseline,
    };
    desk.playbook
        .create_claim(request("pass-rate", "pass_rate", None))
        .await
        .unwrap();
    change(&service, "TOP_K = 5", "TOP_K = 1");
    desk.run(crate::support::experiment(project.id)).await;
    assert_eq!(
        desk.portfolio(project.id).await.claims[0].state,
        ClaimState::Holds
    );

    desk.days_pass(1);
    let worse = desk.candidate(project.id).await.summary;
    let claim = desk.portfolio(project.id).await.claims.remove(0);
    assert_eq!(claim.state, ClaimState::Stale);
    let reason = claim.reason.unwrap();
    assert!(
        reason.starts_with("Run 3 measures") && reason.contains("outside the interval"),
        "{reason}"
    );
    assert_eq!(claim.candidates_after, 1);

    // The citations of these two cannot be told apart, so no change of them can be claimed.
    change(&service, "TOP_K = 1", "TOP_K = 2");
    let last = desk.candidate(project.id).await.summary;
    let same = CreateClaimRequest {
        project: project.id,
        slug: "errors".into(),
        metric: "error_rate".into(),
        run: last.run,
        baseline: Some(worse.run),
    };
    desk.playbook.create_claim(same).await.unwrap();
    let claims = desk.portfolio(project.id).await.claims;
    let errors = claims.iter().find(|claim| claim.slug == "errors").unwrap();
    assert_eq!(errors.state, ClaimState::NotDistinguishable);
    assert!(
        errors
            .reason
            .as_ref()
            .unwrap()
            .contains("cannot tell the runs apart"),
        "{errors:?}"
    );
}

/// R115: month 1 closes with the app and a dashboard of its measured metrics, not before.
#[tokio::test(flavor = "multi_thread")]
async fn month_one_closes_with_the_app_and_its_metrics() {
    let desk = Desk::new();
    desk.sets_out().await;
    let project = desk.starter().await;
    let run = desk.candidate(project.id).await.summary;
    let link = async |place, source| {
        let request = LinkRequest {
            place,
            source,
            label: String::new(),
            need: None,
        };
        desk.playbook.link_artifact(request).await.unwrap();
    };
    link(
        Place::Month { month: 1 },
        LinkSource::File {
            path: desk.sandbox.path("assistant/service.py").display().to_string(),
        },
    )
    .await;
    let error = desk.refused(Command::CloseMonth { month: 1 }).await;
    assert!(error.message.contains("latency and cost measured"), "{error}");
    link(Place::Week { week: 4 }, LinkSource::Run { run: run.run }).await;
    desk.does(Command::CloseMonth { month: 1 }).await;
    assert_eq!(
        desk.playbook
            .roadmap(Nothing {})
            .await
            .unwrap()
            .progress
            .months_closed,
        1
    );
    let view = desk
        .playbook
        .project(api::wire::project::ProjectRequest { project: project.id })
        .await
        .unwrap();
    let charts: Vec<&str> = view.charts.iter().map(|chart| chart.id.as_str()).collect();
    assert_eq!(charts, ["pass_rate", "latency", "cost"]);
}
