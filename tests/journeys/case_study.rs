//! Case study and bullets: numbers come from runs and from nowhere else, and no file of somebody else's is overwritten.

use crate::support::{Desk, ask, change, metric};
use api::{
    Code,
    evidence::{ProjectId, RunSummary},
    wire::{
        portfolio::{CheckTextRequest, ClaimNamedRequest, CreateClaimRequest, SaveCaseStudyRequest},
        project::ProjectRequest,
    },
};
use portfolio::ClaimState;

const SOURCE: &str = "# Support answers people can check

## Problem

Agents left the conversation to search policy pages. The corpus is [[stated: 69 documents]].

## Users

Support agents, while a customer waits.

## Non-goals

- No answers from outside the corpus.

## Approach

BM25 picks the passages and the model cites each one.

## What changed

All graders passed on [[pass-rate]] of the cases ([[pass-rate.interval]], [[pass-rate.n]] cases, [[pass-rate.runs]]).
It refused as it should in [[refusal]] of the cases, at a mean latency of [[latency-mean]].

## What failed and how it was fixed

Too few passages reached the model, and the recall of the suite showed it.

## Deployment notes

One container behind a proxy.

## What comes next

Measure with repeats.
";

/// A starter with a candidate, three claims and a case study that quotes them.
async fn written(desk: &Desk) -> (ProjectId, RunSummary) {
    let project = desk.starter().await.id;
    change(
        &desk.sandbox.path("assistant/service.py"),
        "TOP_K = 2",
        "TOP_K = 5",
    );
    let run = desk.candidate(project).await.summary;
    for (slug, metric) in [
        ("pass-rate", "pass_rate"),
        ("refusal", "refusal"),
        ("latency-mean", "latency_mean"),
    ] {
        let request = CreateClaimRequest {
            project,
            slug: slug.into(),
            metric: metric.into(),
            run: run.run,
            baseline: None,
        };
        desk.playbook.create_claim(request).await.unwrap();
    }
    desk.writes(project, SOURCE).await;
    (project, run)
}

/// R137: the exported files carry the run's own numbers, with n, dates and run ids. G8: both say that the practice model
/// answered.
#[tokio::test(flavor = "multi_thread")]
async fn exported_numbers_are_those_of_the_run() {
    let desk = Desk::new();
    let (project, run) = written(&desk).await;
    let view = desk.portfolio(project).await;
    assert!(view.check.as_ref().unwrap().ok, "{:?}", view.check);
    assert!(view.practice && view.preview_html.is_some());
    let exported = desk.exports(project).await.unwrap();
    assert_eq!((exported.written.len(), exported.conflicts.len()), (2, 0));
    let (markdown, page) = desk.exported();
    for name in ["pass_rate", "refusal", "latency_mean"] {
        let metric = metric(&run, name);
        for text in [&markdown, &page] {
            assert!(
                text.contains(&metric.value_text()),
                "{name} {} is not in the file",
                metric.value_text()
            );
        }
    }
    let interval = metric(&run, "pass_rate").interval_text().unwrap();
    assert!(
        markdown.contains(&format!("78 % of the cases ({interval}, 100 cases, run 1)")),
        "{markdown}"
    );
    for text in [&markdown, &page] {
        assert!(
            text.contains(&run.run.to_string()) && text.contains("2 Nov 2026"),
            "{text}"
        );
        assert!(
            text.contains("practice-small") && text.contains("Practice run."),
            "{text}"
        );
        assert!(text.contains("rag-support-assistant"), "the starter is credited");
    }
    for outside in ["<script", "<link", "<img", "src=", "http://"] {
        assert!(!page.contains(outside), "{outside} in the page");
    }
}

/// R175: a number above the measured one, written by hand or edited into the source, stops the export with its line and
/// the reason; nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_by_hand_stops_the_export() {
    let desk = Desk::new();
    let (project, _) = written(&desk).await;
    for (from, to) in [
        ("[[pass-rate]]", "95 %"),
        ("[[latency-mean]]", "20 ms"),
        ("[[stated: 69 documents]]", "[[stated: 99 % of them]]"),
        ("the recall of the suite", "a recall of 0.97"),
        ("All graders passed", "Twice as many graders passed"),
        ("[[refusal]]", "[[no-such-claim]]"),
    ] {
        let text = SOURCE.replace(from, to);
        desk.writes(project, &text).await;
        let error = desk.exports(project).await.unwrap_err();
        assert_eq!(error.code, Code::Refused);
        let line = SOURCE.lines().position(|line| line.contains(from)).unwrap() + 1;
        assert!(
            error
                .message
                .contains(&format!("portfolio/case-study.md:{line}:")),
            "{to}: {error}"
        );
        assert!(!desk.out().exists(), "{to}");
    }
    desk.writes(project, &SOURCE.replace("[[pass-rate]]", "95 %"))
        .await;
    let error = desk.exports(project).await.unwrap_err();
    assert!(error.message.contains("95 % is above the measured"), "{error}");
    desk.writes(project, SOURCE).await;
    assert_eq!(desk.exports(project).await.unwrap().written.len(), 2);
}

/// R136: a case study without non-goals is refused. R138: so is one without a major failure and its fix.
#[tokio::test(flavor = "multi_thread")]
async fn required_sections_are_named_when_they_are_missing() {
    let desk = Desk::new();
    let (project, _) = written(&desk).await;
    for (heading, name) in [
        ("## Non-goals", "non goals"),
        ("## What failed and how it was fixed", "what failed"),
    ] {
        let (before, after) = SOURCE.split_once(heading).unwrap();
        let rest = after.split_once("\n## ").unwrap().1;
        desk.writes(project, &format!("{before}## {rest}")).await;
        let error = desk.exports(project).await.unwrap_err();
        assert!(
            error
                .message
                .contains(&format!("these sections are missing or empty: {name}")),
            "{error}"
        );
        desk.writes(
            project,
            &format!("{before}{heading}\n\n<!-- later -->\n\n## {rest}"),
        )
        .await;
        let error = desk.exports(project).await.unwrap_err();
        assert!(error.message.contains(name), "{error}");
    }
    assert!(!desk.out().exists());
}

/// R170: a bullet without a claim behind it is refused; one with a claim has a link to its proof and says practice.
#[tokio::test(flavor = "multi_thread")]
async fn a_bullet_needs_its_proof() {
    let desk = Desk::new();
    let (project, _) = written(&desk).await;
    let check = async |text: &str| {
        desk.playbook
            .check_bullet(CheckTextRequest {
                project,
                text: text.into(),
            })
            .await
            .unwrap()
    };
    let boast = check("Built a support assistant that people love").await;
    assert!(
        !boast.ok && boast.refusals[0].reason.contains("no proof"),
        "{boast:?}"
    );
    let above = check("Raised the pass rate to 95 % on [[pass-rate.n]] cases").await;
    assert!(!above.ok, "{above:?}");
    let good =
        check("Built a support assistant with a pass rate of [[pass-rate]] on [[pass-rate.n]] cases").await;
    assert!(good.ok && good.practice, "{good:?}");
    assert_eq!(good.proof[0].href, "case-study.html#claim-pass-rate");
    assert!(
        good.text.contains("78 %") && good.text.contains("practice model"),
        "{good:?}"
    );
    let offered = desk.portfolio(project).await.bullets;
    assert!(
        !offered.is_empty() && offered.iter().all(|bullet| bullet.ok && !bullet.proof.is_empty()),
        "{offered:?}"
    );
}

/// N5: an export never overwrites a file that it did not write, or that changed since: it shows the difference, and
/// replaces only what it was told to.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_asks_before_it_replaces() {
    let desk = Desk::new();
    let (project, _) = written(&desk).await;
    std::fs::create_dir(desk.out()).unwrap();
    let mine = desk.out().join("case-study.md");
    std::fs::write(&mine, "# My own notes\n").unwrap();
    let asked = desk.exports(project).await.unwrap();
    assert_eq!(asked.written, Vec::<String>::new());
    let conflict = &asked.conflicts[0];
    assert_eq!(
        (asked.conflicts.len(), conflict.path.as_str()),
        (1, "case-study.md")
    );
    assert!(conflict.reason.contains("did not write"), "{conflict:?}");
    assert!(
        conflict.difference.contains("-# My own notes") && conflict.difference.contains("+# Support answers")
    );
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "# My own notes\n");
    assert!(!desk.out().join("case-study.html").exists(), "all or nothing");

    assert_eq!(
        desk.exports_over(project, &["case-study.md"])
            .await
            .unwrap()
            .written
            .len(),
        2
    );
    // What the app wrote itself it may write again.
    desk.writes(
        project,
        &SOURCE.replace("while a customer waits", "while somebody waits"),
    )
    .await;
    assert_eq!(desk.exports(project).await.unwrap().written.len(), 2);
    change(&mine, "somebody waits", "my customer waits");
    let asked = desk.exports(project).await.unwrap();
    assert!(
        asked.conflicts[0].reason.contains("has changed since"),
        "{asked:?}"
    );
    assert!(
        std::fs::read_to_string(&mine)
            .unwrap()
            .contains("my customer waits")
    );
}

/// N5: the source of a case study that was changed in another editor is not overwritten by what the app still shows.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_changed_elsewhere_is_not_overwritten() {
    let desk = Desk::new();
    let project = desk.starter().await.id;
    let opened = desk
        .playbook
        .create_case_study(ProjectRequest { project })
        .await
        .unwrap();
    let path = desk.sandbox.path("assistant").join(&opened.path);
    std::fs::write(&path, "# Changed elsewhere\n").unwrap();
    let request = SaveCaseStudyRequest {
        project,
        text: "# From the app\n".into(),
        hash: opened.hash,
    };
    let error = desk.playbook.save_case_study(request).await.unwrap_err();
    assert_eq!(error.code, Code::FileChanged);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# Changed elsewhere\n");
    // Creating it again leaves it, too.
    desk.playbook
        .create_case_study(ProjectRequest { project })
        .await
        .unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# Changed elsewhere\n");
}

/// N5: a starter is made only in an empty folder, and a file of the person's own is never touched by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_starter_never_lands_on_files() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("assistant");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("service.py"), "mine").unwrap();
    let request = api::wire::project::CreateStarterRequest {
        starter: "rag-support-assistant".into(),
        folder: folder.display().to_string(),
    };
    let error = desk.playbook.create_starter(request).await.unwrap_err();
    assert!(error.message.contains("nothing in it was touched"), "{error}");
    assert_eq!(playbook_tests::fingerprints(&folder).len(), 1);
}

/// A claim about one of several targets is made anew from the same target, also where another one ran beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_renewed_from_the_target_that_it_was_made_of() {
    let desk = Desk::new();
    let project = desk.two_echoes(20).await;
    let side_by_side = async || {
        let started = desk.playbook.start_run(ask(project)).await.unwrap();
        let runs: Vec<_> = std::iter::once(started.run).chain(started.beside).collect();
        for run in &runs {
            desk.ends(*run).await;
        }
        runs
    };
    let before = side_by_side().await;
    let request = CreateClaimRequest {
        project,
        slug: "pass-rate".into(),
        metric: "pass_rate".into(),
        run: before[1],
        baseline: None,
    };
    desk.playbook.create_claim(request).await.unwrap();
    desk.writes(project, SOURCE).await;
    let claimed = async || {
        let claims = desk.portfolio(project).await.claims;
        let claim = claims
            .into_iter()
            .find(|claim| claim.slug == "pass-rate")
            .unwrap();
        assert_eq!(claim.state, ClaimState::Holds, "{claim:?}");
        (claim.runs[0].run, claim.candidates_before, claim.candidates_after)
    };
    assert_eq!(claimed().await, (before[1], 1, 0));

    desk.days_pass(1);
    let after = side_by_side().await;
    assert_eq!(claimed().await, (before[1], 1, 2));
    let request = ClaimNamedRequest { project, renew: true };
    desk.playbook.claim_what_the_text_names(request).await.unwrap();
    assert_eq!(claimed().await, (after[1], 3, 0));
}

/// Where the newest candidate lacks the metric of a claim, renewing is refused and every claim stays as it was.
#[tokio::test(flavor = "multi_thread")]
async fn renewing_changes_every_claim_or_none() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("echo");
    std::fs::create_dir_all(&folder).unwrap();
    let rows = (0..20).map(|n| {
        format!("{{\"id\": \"case-{n:02}\", \"category\": \"plain\", \"question\": \"Is it right?\"}}\n")
    });
    std::fs::write(folder.join("golden.jsonl"), rows.collect::<String>()).unwrap();
    let suite = |graders: &str| {
        let text = format!(
            "version: 1\nname: echo\ndataset: golden.jsonl\ntarget: {{ name: right, echo: \"yes\" }}\ngraders:\n{graders}"
        );
        std::fs::write(folder.join("suite.yaml"), text).unwrap();
    };
    suite(
        "  - { name: said, type: contains, value: \"yes\" }\n  - { name: refusal, type: contains, value: \"y\" }\n",
    );
    let project = desk.opens(&folder).await.id;
    let first = desk.run(ask(project)).await.summary;
    for (slug, metric) in [("pass-rate", "pass_rate"), ("refusal", "refusal")] {
        let request = CreateClaimRequest {
            project,
            slug: slug.into(),
            metric: metric.into(),
            run: first.run,
            baseline: None,
        };
        desk.playbook.create_claim(request).await.unwrap();
    }
    desk.writes(project, SOURCE).await;
    let claims = async || {
        let mut claims: Vec<_> = desk
            .portfolio(project)
            .await
            .claims
            .into_iter()
            .map(|claim| (claim.slug, claim.id))
            .collect();
        claims.sort();
        claims
    };
    let before = claims().await;
    assert_eq!(before.len(), 2);

    desk.days_pass(1);
    suite("  - { name: said, type: contains, value: \"yes\" }\n");
    desk.run(ask(project)).await;
    let request = ClaimNamedRequest { project, renew: true };
    let refused = desk
        .playbook
        .claim_what_the_text_names(request)
        .await
        .unwrap_err();
    assert!(refused.message.contains("no claim was changed"), "{refused}");
    assert!(refused.message.contains("`refusal`"), "{refused}");
    assert_eq!(claims().await, before);
}

/// A source that lies elsewhere behind a link, or is kept from others, stays so when the app saves it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_source_keeps_its_link_and_its_mode() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let desk = Desk::new();
    let project = desk.starter().await.id;
    let file = desk.writes(project, "# One\n").await;
    let path = desk.sandbox.path("assistant").join(&file.path);
    let elsewhere = desk.sandbox.path("notes.md");
    std::fs::rename(&path, &elsewhere).unwrap();
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&elsewhere, &path).unwrap();

    desk.writes(project, "# Two\n").await;
    assert_eq!(std::fs::read_link(&path).unwrap(), elsewhere);
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "# Two\n");
    let mode = std::fs::metadata(&elsewhere).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // A link to nothing is replaced; nothing is made where it points to.
    let nowhere = desk.sandbox.path("nowhere.md");
    std::fs::remove_file(&path).unwrap();
    symlink(&nowhere, &path).unwrap();
    desk.writes(project, "# Three\n").await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# Three\n");
    assert!(!nowhere.exists() && !path.is_symlink());
}
