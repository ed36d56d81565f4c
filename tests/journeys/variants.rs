//! Variants side by side, versions of datasets and rubrics, history, the estimate, and the editors.

use crate::support::{Desk, ask, change, experiment};
use api::{
    Code,
    evidence::{GateVerdict, ProjectId},
    wire::{
        project::ProjectRequest,
        run::StartRunRequest,
        variants::{
            CaseChange, DatasetRequest, DiffRequest, HistoryRequest, PieceKind, RowChange,
            SaveDatasetRequest, SaveSuiteRequest, SuiteFileRequest, SuiteTextRequest, VariantsRequest,
        },
    },
};
use playbook_tests::StubProject;
use serde_json::json;
use std::path::Path;

const CASES: usize = 12;

/// A suite of three targets: two sizes of practice model, which have a practice price, and an echo, which has none.
fn side_by_side(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let rows: String = (0..CASES)
        .map(|n| {
            let (id, question) = (format!("plain-{n:03}"), format!("Is word{n} in the text?"));
            format!(
                "{}\n",
                json!({ "id": id, "category": "plain", "question": question })
            )
        })
        .collect();
    std::fs::write(folder.join("golden.jsonl"), rows).unwrap();
    let target = |name: &str, model: &str| {
        format!(
            "  - name: {name}\n    model_api:\n      api: openai_chat\n      base: practice\n      model: {model}\n      max_tokens: 40\n      \
             messages: [{{ role: user, content: \"{{{{question}}}}\" }}]\n"
        )
    };
    let suite = format!(
        "version: 1\nname: models\ndataset: golden.jsonl\ntargets:\n{}{}  - {{ name: repeater, echo: \"{{{{question}}}}\" }}\n\
         repeat: 2\ngraders:\n  - {{ name: quick, type: latency, at_most: 30s }}\nrelease_metrics:\n  - {{ metric: pass_rate, at_least: 0.5, \
         outcome: \"Nobody waits.\" }}\n  - {{ metric: error_rate, at_most: 0.5 }}\n  - {{ metric: latency_p95, at_most: 30s }}\n",
        target("small", "practice-small"),
        target("large", "practice-large"),
    );
    std::fs::write(folder.join("suite.yaml"), suite).unwrap();
}

async fn suite_text(desk: &Desk, project: ProjectId) -> api::wire::variants::SuiteText {
    let request = SuiteFileRequest { project, suite: None };
    desk.playbook.suite_text(request).await.unwrap()
}

/// R65: one suite on several models stands side by side. H12: the cheapest that passes is named. R15: passes per dollar, refused
/// where nothing was priced. R189: predictability stands beside the score.
#[tokio::test(flavor = "multi_thread")]
async fn targets_of_one_run_are_variants_to_choose_between() {
    let desk = Desk::new();
    side_by_side(&desk.sandbox.path("models"));
    let project = desk.opens(&desk.sandbox.path("models")).await.id;
    let started = desk.playbook.start_run(ask(project)).await.unwrap();
    for run in std::iter::once(started.run).chain(started.beside.iter().copied()) {
        let ended = desk.ends(run).await;
        assert_eq!(ended.summary.gate.verdict, GateVerdict::Passed);
        assert_eq!(
            ended.previous, None,
            "what was measured beside it came not before it"
        );
    }
    let request = VariantsRequest {
        group_of: Some(started.run),
        ..VariantsRequest::default()
    };
    let view = desk.playbook.variants(request).await.unwrap();
    let weighed = &view.weighed;
    let named: Vec<&str> = weighed
        .variants
        .iter()
        .map(|variant| variant.target.as_str())
        .collect();
    assert_eq!(named, ["small", "large", "repeater"]);
    let [small, large, echo] = weighed.variants.as_slice() else {
        panic!("{weighed:?}")
    };
    assert!(small.cost.value.unwrap() < large.cost.value.unwrap());
    assert!(small.first_token.value.is_some() && small.flip_rate.value == Some(0.0));
    assert_eq!(
        (small.size.as_str(), echo.size.as_str()),
        ("\u{201c}small\u{201d}, by its name", "not known")
    );
    assert_eq!(weighed.choice.run, Some(small.run));
    assert!(
        weighed
            .choice
            .sentence
            .contains("practice prices, which are no money"),
        "{}",
        weighed.choice.sentence
    );
    assert!(small.passes_per_dollar.text.ends_with("for a practice dollar"));
    assert!(echo.passes_per_dollar.value.is_none() && echo.passes_per_dollar.refused.is_some());
    assert_eq!(weighed.ranking.by_predictability.len(), 3);
    assert!(
        weighed.not_distinguishable.len() == 3,
        "{:?}",
        weighed.not_distinguishable
    );

    // Alone, a project shows its newest group; another dataset makes no variant.
    let alone = VariantsRequest {
        project: Some(project),
        ..VariantsRequest::default()
    };
    assert_eq!(
        desk.playbook
            .variants(alone)
            .await
            .unwrap()
            .weighed
            .variants
            .len(),
        3
    );
    change(
        &desk.sandbox.path("models/golden.jsonl"),
        "word3 in",
        "word3 really in",
    );
    let other = desk
        .run(StartRunRequest {
            targets: Some(vec!["repeater".into()]),
            ..experiment(project)
        })
        .await;
    let mixed = VariantsRequest {
        runs: vec![started.run, other.summary.run],
        ..VariantsRequest::default()
    };
    let error = desk.playbook.variants(mixed).await.unwrap_err();
    assert!(
        error.code == Code::Refused && error.message.contains("dataset changed"),
        "{error}"
    );
}

/// R79: versions of dataset and rubric have a hash, and what differs is readable, also after the files have changed.
#[tokio::test(flavor = "multi_thread")]
async fn what_changed_between_two_runs_is_readable() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 4);
    let project = desk.opens(&stub.folder).await.id;
    let first = desk.candidate(project).await.summary;
    let path = stub.folder.join("golden.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = lines[1].replace("say word1", "say word1 twice");
    lines.remove(2);
    lines.push(
        json!({ "id": "new-001", "category": "new", "question": "say more", "expected": "more" }).to_string(),
    );
    std::fs::write(&path, lines.join("\n")).unwrap();
    stub.change_suite("at_least: 0.5", "at_least: 0.4");
    let second = desk.candidate(project).await.summary;
    stub.change_suite("at_least: 0.4", "at_least: 0.1");

    let request = DiffRequest {
        before: first.run,
        after: Some(second.run),
    };
    let diff = desk.playbook.diff(request).await.unwrap();
    let dataset = &diff.dataset;
    assert_eq!(
        (dataset.added, dataset.removed, dataset.changed, dataset.unchanged),
        (1, 1, 1, 2)
    );
    assert_eq!(
        dataset.headline,
        "1 case added, 1 case removed, 1 case changed; 2 cases alike."
    );
    assert_ne!(dataset.before_hash, dataset.after_hash);
    let changed = dataset
        .cases
        .iter()
        .find(|case| case.change == CaseChange::Changed)
        .unwrap();
    assert_eq!(
        (changed.id.as_str(), changed.fields[0].field.as_str()),
        ("plain-001", "question")
    );
    let added: String = changed.fields[0]
        .pieces
        .iter()
        .filter(|piece| piece.kind == PieceKind::Added)
        .map(|piece| piece.text.trim())
        .collect();
    assert_eq!(added, "twice");
    let new = dataset
        .categories
        .iter()
        .find(|category| category.name == "new")
        .unwrap();
    assert_eq!((new.before, new.after), (0, 1));
    // The suite's text is the run's own, and not that of the file now.
    let lines: String = diff.texts[0]
        .lines
        .iter()
        .map(|piece| piece.text.as_str())
        .collect();
    assert!(
        lines.contains("at_least: 0.4") && !lines.contains("at_least: 0.1"),
        "{lines}"
    );
    assert!(!diff.graders_differ);

    let now = desk
        .playbook
        .diff(DiffRequest {
            before: second.run,
            after: None,
        })
        .await
        .unwrap();
    assert_eq!(
        now.dataset.headline,
        "The dataset is the same file, byte for byte."
    );
    assert!(now.after == "the files now" && now.texts.len() == 1);
}

/// R82: every metric has its history, with the breaks where dataset or graders changed. R68: after seven days it is overdue.
/// R46: the corpus has an age, and its retrieval metrics.
#[tokio::test(flavor = "multi_thread")]
async fn a_metric_has_a_history_and_the_corpus_an_age() {
    let desk = Desk::new();
    let project = desk.starter().await.id;
    desk.candidate(project).await;
    desk.days_pass(2);
    change(&desk.sandbox.path("assistant/golden.jsonl"), "45 days", "46 days");
    desk.candidate(project).await;
    desk.days_pass(8);
    let history = async |metric: Option<&str>| {
        let request = HistoryRequest {
            project,
            suite: None,
            metric: metric.map(str::to_owned),
        };
        desk.playbook.history(request).await
    };
    let view = history(None).await.unwrap();
    assert_eq!(
        (view.points.len(), view.days_since_run, view.overdue),
        (2, 8, true)
    );
    assert_eq!(
        view.points[1].break_before.as_deref(),
        Some("the dataset changed")
    );
    assert!(view.points[0].low.is_some() && view.points[0].break_before.is_none());
    assert!(view.sentence.ends_with("no run for 8 days."), "{}", view.sentence);
    let category = history(Some("category:returns")).await.unwrap();
    assert_eq!(
        (category.label.as_str(), category.points[0].n),
        ("Pass rate of returns", 13)
    );
    for choice in &view.metrics {
        assert_eq!(
            history(Some(&choice.name)).await.unwrap().points.len(),
            2,
            "{}",
            choice.name
        );
    }
    assert_eq!(history(Some("nonsense")).await.unwrap_err().code, Code::NotFound);

    let corpus = desk.playbook.corpus(ProjectRequest { project }).await.unwrap();
    let [snapshot] = corpus.snapshots.as_slice() else {
        panic!("{corpus:?}")
    };
    assert_eq!(
        (snapshot.age_days, snapshot.runs.as_slice(), corpus.unnamed_runs),
        (10, [2, 1].as_slice(), 0)
    );
    let names: Vec<&str> = snapshot
        .metrics
        .iter()
        .map(|metric| metric.name.as_str())
        .collect();
    assert!(
        names.contains(&"retrieval.score") && names.contains(&"rank.score"),
        "{names:?}"
    );

    let slice = StartRunRequest {
        filter: Some("category=returns".into()),
        ..experiment(project)
    };
    desk.run(slice).await;
    // What a filter shows is not what the project is at, and a change of the dataset begins a new line.
    let page = desk.playbook.project(ProjectRequest { project }).await.unwrap();
    assert_eq!(page.row.last_run.unwrap().number, 2);
    let cuts: Vec<bool> = page.charts[0].series[0]
        .points
        .iter()
        .map(|point| point.cut)
        .collect();
    assert_eq!(cuts, [false, true]);
    let view = history(None).await.unwrap();
    assert_eq!((view.points.len(), view.overdue), (2, true), "{}", view.sentence);
}

/// Targets side by side are a line each, and no step of one another's course: neither on the project's page nor in the history.
#[tokio::test(flavor = "multi_thread")]
async fn targets_side_by_side_are_lines_of_their_own() {
    let desk = Desk::new();
    let project = desk.two_echoes(1).await;
    for _ in 0..2 {
        let started = desk.playbook.start_run(ask(project)).await.unwrap();
        for run in std::iter::once(started.run).chain(started.beside.iter().copied()) {
            desk.ends(run).await;
        }
    }
    let view = desk.playbook.project(ProjectRequest { project }).await.unwrap();
    let rates = view.charts.iter().find(|chart| chart.id == "pass_rate").unwrap();
    let lines: Vec<_> = rates
        .series
        .iter()
        .map(|line| {
            let points = line.points.iter();
            let points: Vec<_> = points.map(|point| (point.label.as_str(), point.value)).collect();
            (line.name.as_str(), points)
        })
        .collect();
    let course = |rate| vec![("Runs 1 to 2", Some(rate)), ("Runs 3 to 4", Some(rate))];
    assert_eq!(lines, [("right", course(1.0)), ("wrong", course(0.0))]);

    let request = HistoryRequest {
        project,
        suite: None,
        metric: None,
    };
    let history = desk.playbook.history(request).await.unwrap();
    assert_eq!(history.points.len(), 4);
    assert!(
        history
            .sentence
            .starts_with("Pass rate (wrong) from 0 % in run 2 to 0 % in run 4"),
        "{}",
        history.sentence
    );
}

/// H9: calls, tokens and cost are estimated before a run, each with its source, and what is not known is not 0.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_estimated_before_it_starts() {
    let desk = Desk::new();
    side_by_side(&desk.sandbox.path("models"));
    let project = desk.opens(&desk.sandbox.path("models")).await.id;
    let request = StartRunRequest {
        targets: Some(vec!["small".into(), "repeater".into()]),
        budget_usd: Some("0.000000001".into()),
        ..ask(project)
    };
    let before = desk.playbook.estimate_run(request.clone()).await.unwrap();
    let [small, echo] = before.targets.as_slice() else {
        panic!("{before:?}")
    };
    assert_eq!(
        (before.cases, before.repeat, before.calls, small.calls),
        (12, 2, 48, 24)
    );
    assert!(
        small.input_tokens.source.contains("four to a token"),
        "{:?}",
        small.input_tokens
    );
    assert_eq!(small.output_tokens.value, Some(24.0 * 40.0));
    assert!(
        small.cost.value.unwrap() > 0.0 && small.cost.source.contains("practice price"),
        "{:?}",
        small.cost
    );
    for unknown in [&small.duration, &echo.cost, &before.cost] {
        assert!(
            unknown.value.is_none() && unknown.text == "not known" && !unknown.source.is_empty(),
            "{unknown:?}"
        );
    }
    let budget = before.budget.unwrap();
    assert!(budget.contains("not enough for one call to small"), "{budget}");
    assert_eq!(
        desk.playbook.run_list(Some(project)).await.unwrap().len(),
        0,
        "an estimate started something"
    );

    let started = desk
        .playbook
        .start_run(StartRunRequest {
            budget_usd: None,
            ..request.clone()
        })
        .await
        .unwrap();
    for run in std::iter::once(started.run).chain(started.beside) {
        desk.ends(run).await;
    }
    let measured = desk
        .playbook
        .run(api::wire::run::RunRequest { run: started.run })
        .await
        .unwrap()
        .summary;
    let after = desk.playbook.estimate_run(request).await.unwrap();
    let small = &after.targets[0];
    assert_eq!(small.cost.source, "as in run 1, by call");
    assert!((small.cost.value.unwrap() - measured.cost_usd.unwrap()).abs() < 1e-9);
    assert_eq!(
        small.input_tokens.value,
        measured.tokens.map(|tokens| tokens.input as f64)
    );
    assert!(small.duration.value.is_some());
}

/// R83: a release metric is linked to what people get of it; one that is not is flagged, in the suite's row and on the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_metric_without_a_user_outcome_is_flagged() {
    let desk = Desk::new();
    side_by_side(&desk.sandbox.path("models"));
    let project = desk.opens(&desk.sandbox.path("models")).await.id;
    let row = desk
        .playbook
        .project(ProjectRequest { project })
        .await
        .unwrap()
        .suites
        .remove(0);
    let flag = row
        .warnings
        .iter()
        .find(|warning| warning.contains("user outcome"))
        .unwrap();
    assert!(
        flag.starts_with("2 release metrics") && flag.contains("error_rate, latency_p95"),
        "{flag}"
    );
    let run = desk
        .run(StartRunRequest {
            targets: Some(vec!["repeater".into()]),
            ..ask(project)
        })
        .await;
    assert!(run.unlinked.unwrap().contains("Error rate, p95 latency"));
    assert_eq!(
        run.summary.gate.metrics[0].threshold.outcome.as_deref(),
        Some("Nobody waits.")
    );
}

/// R67: the golden set shows its count, its spread over categories, and a warning below a hundred; its rows are edited in place.
#[tokio::test(flavor = "multi_thread")]
async fn suite_and_dataset_are_edited_as_the_files_that_they_are() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 3);
    let project = desk.opens(&stub.folder).await.id;
    let page = async || {
        let request = DatasetRequest {
            project,
            suite: "suite.yaml".into(),
            text: None,
            offset: 0,
            limit: 100,
        };
        desk.playbook.dataset(request).await.unwrap()
    };
    let first = page().await;
    assert_eq!((first.cases, first.categories[0].name.as_str()), (3, "plain"));
    assert!(
        first.warnings[0].starts_with("3 cases: below 100"),
        "{:?}",
        first.warnings
    );
    let path = stub.folder.join("golden.jsonl");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let original = lines(&std::fs::read_to_string(&path).unwrap());
    let mut fields = first.rows[1].fields.clone();
    fields.insert("question".into(), json!("say word1 please"));
    let changes = vec![RowChange {
        row: Some(1),
        before: Some(first.rows[1].fields.clone()),
        fields: Some(fields),
    }];
    let save = |hash: String| SaveDatasetRequest {
        project,
        suite: "suite.yaml".into(),
        hash,
        changes: changes.clone(),
    };

    // A row came in before it meanwhile: the difference is shown, nothing is written, and the row is found again.
    std::fs::write(
        &path,
        format!(
            "{}\n{}\n",
            json!({ "id": "z", "question": "say z", "expected": "z" }),
            original.join("\n")
        ),
    )
    .unwrap();
    let conflict = desk
        .playbook
        .save_dataset(save(first.hash.clone()))
        .await
        .unwrap();
    let shown = conflict.conflict.unwrap();
    assert!(
        shown.difference.contains("+") && shown.difference.contains("please"),
        "{}",
        shown.difference
    );
    assert!(!std::fs::read_to_string(&path).unwrap().contains("please"));
    assert!(
        desk.playbook
            .save_dataset(save(conflict.hash))
            .await
            .unwrap()
            .conflict
            .is_none()
    );
    let written = lines(&std::fs::read_to_string(&path).unwrap());
    assert_eq!(
        (written.len(), &written[1], &written[3]),
        (4, &original[0], &original[2])
    );
    assert!(written[2].contains("word1 please"));
    assert_eq!(page().await.cases, 4);

    let suite = suite_text(&desk, project).await;
    assert!(suite.check.problems.is_empty() && suite.dataset.as_deref() == Some("golden.jsonl"));
    let broken = suite.text.replace("pass_rate", "pas_rate");
    let check = SuiteTextRequest {
        project,
        suite: suite.path.clone(),
        text: broken.clone(),
    };
    let found = desk.playbook.check_suite_text(check).await.unwrap();
    let line = broken.lines().position(|line| line.contains("pas_rate")).unwrap() as u64 + 1;
    assert_eq!(found.problems[0].line, line, "{found:?}");
    let save = |text: &str, hash: &str| SaveSuiteRequest {
        project,
        suite: suite.path.clone(),
        text: text.into(),
        hash: hash.into(),
    };
    let saved = desk
        .playbook
        .save_suite_text(save(&broken, &suite.hash))
        .await
        .unwrap();
    assert!(saved.conflict.is_none(), "half a thought must not be lost");
    let again = desk
        .playbook
        .save_suite_text(save(&suite.text, &suite.hash))
        .await
        .unwrap();
    assert!(again.conflict.unwrap().difference.contains("pas_rate"));
    assert!(
        desk.playbook
            .save_suite_text(save(&suite.text, &again.hash))
            .await
            .unwrap()
            .conflict
            .is_none()
    );
    let outside = SaveSuiteRequest {
        suite: "golden.jsonl".into(),
        ..save("", "")
    };
    assert_eq!(
        desk.playbook.save_suite_text(outside).await.unwrap_err().code,
        Code::NotFound
    );
}
