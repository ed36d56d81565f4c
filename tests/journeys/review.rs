//! What people say of results: the queue, two passes, agreement, root causes; and cases made of failures and reports.

use crate::support::{Desk, ask};
use api::{
    Code,
    evidence::{CriterionPoints, Marks, ProjectId, ReviewPass, RootCause, RunId},
    wire::{
        case::{AddCaseRequest, NewCase},
        review::{
            ExportReviewsRequest, LabelRequest, QueueOrder, ReviewQueue, ReviewQueueRequest, ReviewReport,
            SaveReviewRequest,
        },
        run::{ResultRequest, RunRequest, RunView},
        screen::RecordRequest,
    },
};
use journey::Command;
use playbook_tests::StubProject;

const RUBRIC: &str = "
  - name: help
    type: human_rubric
    instructions: Read it as the customer would.
    criteria:
      - { name: tone, question: Is it kind?, anchors: { 1: rude, 3: plain, 5: kind } }
";

/// A project whose cases fail in different ways, its first run made.
async fn reviewed_project(desk: &Desk, cases: usize) -> (StubProject, ProjectId, RunView) {
    let rows: Vec<(String, String, String)> = (0..cases)
        .map(|n| {
            let category = if n % 4 == 3 { "adversarial" } else { "plain" };
            let right = if n % 3 == 0 {
                "never".to_owned()
            } else {
                format!("word{n}")
            };
            (format!("{category}-{n:03}"), format!("say word{n}"), right)
        })
        .collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|(id, question, right)| (id.as_str(), question.as_str(), right.as_str()))
        .collect();
    let stub = StubProject::new(&desk.sandbox.path("app"), "", &rows);
    stub.change_suite("release_metrics:", &format!("{}release_metrics:", &RUBRIC[1..]));
    let project = desk.opens(&stub.folder).await.id;
    let run = desk.run(ask(project)).await;
    (stub, project, run)
}

async fn queue(
    desk: &Desk,
    run: RunId,
    pass: ReviewPass,
    order: QueueOrder,
    limit: Option<u32>,
) -> ReviewQueue {
    let request = ReviewQueueRequest {
        run,
        pass,
        order,
        limit,
    };
    desk.playbook.review_queue(request).await.unwrap()
}

fn says(run: RunId, case_index: u64, pass: ReviewPass, passed: bool) -> SaveReviewRequest {
    SaveReviewRequest {
        run,
        case_index,
        repeat: 0,
        pass,
        reviewer: "Ada".into(),
        passed,
        marks: Marks::default(),
        points: Vec::new(),
        note: String::new(),
    }
}

async fn report(desk: &Desk, run: RunId) -> ReviewReport {
    desk.playbook.review_report(RunRequest { run }).await.unwrap()
}

fn tone(points: i64) -> Vec<CriterionPoints> {
    vec![CriterionPoints {
        grader: "help".into(),
        criterion: "tone".into(),
        points,
    }]
}

/// R76: the queue holds the twenty riskiest in a fixed order, each with its reasons, and counts what is reviewed. R216: a
/// review logs who verified when whether the answer is correct, valuable and aligned, and the report gives their shares.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_the_riskiest_counts_what_is_reviewed() {
    let desk = Desk::new();
    let (_stub, _, run) = reviewed_project(&desk, 24).await;
    let run = run.summary.run;
    let first = queue(&desk, run, ReviewPass::First, QueueOrder::Riskiest, None).await;
    assert_eq!((first.items.len(), first.cases, first.reviewed), (20, 24, 0));
    // Case 3 is adversarial (30), awaits a person (15) and failed (5); in case order, then the adversarial that passed.
    let top: Vec<(&str, u32)> = first
        .items
        .iter()
        .take(3)
        .map(|item| (item.case_id.as_str(), item.risk))
        .collect();
    assert_eq!(
        top,
        [
            ("adversarial-003", 50),
            ("adversarial-015", 50),
            ("adversarial-007", 45)
        ]
    );
    let words: Vec<&str> = first.items[0]
        .reasons
        .iter()
        .map(|reason| reason.text.as_str())
        .collect();
    assert_eq!(
        words,
        ["high risk: category adversarial", "awaits a person", "failed"]
    );
    assert_eq!(first.items[0].rubrics, ["help"]);
    assert_eq!(first.rubrics[0].criteria[0].anchors.len(), 3);

    let mut review = says(run, 3, ReviewPass::First, false);
    review.marks = Marks {
        correct: Some(false),
        valuable: None,
        aligned: Some(true),
    };
    review.points = tone(4);
    review.note = "  Invented.  ".into();
    let kept = desk.playbook.save_review(review.clone()).await.unwrap();
    assert_eq!((kept.note.as_str(), kept.reviewer.as_str()), ("Invented.", "Ada"));
    let again = queue(&desk, run, ReviewPass::First, QueueOrder::Riskiest, None).await;
    assert_eq!((again.reviewed, again.first_pass), (1, 1));
    assert_eq!(again.reviewer.as_deref(), Some("Ada"));
    assert_eq!(again.items[0].review.as_ref().unwrap().points, tone(4));
    let order =
        |queue: &ReviewQueue| -> Vec<u64> { queue.items.iter().map(|item| item.case_index).collect() };
    assert_eq!(order(&again), order(&first));

    let report = report(&desk, run).await;
    let marks: Vec<(&str, u64, u64, &str)> = report
        .marks
        .iter()
        .map(|mark| (mark.name.as_str(), mark.count, mark.n, mark.value_text.as_str()))
        .collect();
    assert_eq!(
        marks,
        [
            ("correct", 0, 1, "0 %"),
            ("valuable", 0, 0, "no data"),
            ("aligned", 1, 1, "100 %")
        ]
    );

    review.points = tone(6);
    let off = desk.playbook.save_review(review.clone()).await.unwrap_err();
    assert!(
        off.message.contains("not on the scale") && off.hint.contains("1 to 5"),
        "{off}"
    );
    review.points.clear();
    review.reviewer = " ".into();
    assert_eq!(
        desk.playbook.save_review(review).await.unwrap_err().code,
        Code::Input
    );
}

/// R69: the same results judged twice, the second time without seeing the first, give agreement on the verdict and on each
/// criterion of the anchored rubric: raw beside kappa, AC1 and alpha.
#[tokio::test(flavor = "multi_thread")]
async fn two_passes_give_agreement_and_the_second_is_blind() {
    let desk = Desk::new();
    let (_stub, _, run) = reviewed_project(&desk, 12).await;
    let run = run.summary.run;
    let early = desk
        .playbook
        .save_review(says(run, 0, ReviewPass::Second, true))
        .await;
    assert_eq!(early.unwrap_err().code, Code::Refused);
    // Ten of ten alike but one: nearly all pass.
    for case in 0..10 {
        let mut review = says(run, case, ReviewPass::First, true);
        review.points = tone(if case < 5 { 2 } else { 4 });
        desk.playbook.save_review(review).await.unwrap();
    }
    let second = queue(&desk, run, ReviewPass::Second, QueueOrder::Riskiest, None).await;
    assert_eq!((second.items.len(), second.reviewed), (10, 0));
    assert!(
        second.items.iter().all(|item| item.review.is_none()),
        "the second pass sees the first"
    );
    let order: Vec<u64> = second.items.iter().map(|item| item.case_index).collect();
    assert_ne!(
        order,
        (0..10).collect::<Vec<_>>(),
        "the order reminds of the first pass"
    );
    for case in 0..10 {
        let mut review = says(run, case, ReviewPass::Second, case != 9);
        review.points = tone(if case < 5 { 2 } else { 5 });
        desk.playbook.save_review(review).await.unwrap();
    }
    let changed = desk
        .playbook
        .save_review(says(run, 0, ReviewPass::First, false))
        .await;
    assert_eq!(changed.unwrap_err().code, Code::Refused);

    let report = report(&desk, run).await;
    assert_eq!((report.first_pass, report.second_pass), (10, 10));
    let verdict = &report.passes[0];
    assert_eq!(verdict.n, 10);
    let texts: Vec<(&str, &str)> = verdict
        .figures
        .iter()
        .map(|figure| (figure.name.as_str(), figure.value_text.as_str()))
        .collect();
    // Nine of ten alike. Kappa: p_o = .9 = p_e, so 0. AC1: π = .95, p_e = 2·.95·.05 = .095, (.9 − .095)/.905 = .8895.
    // Alpha: 20 ratings with 19 and 1: D_o = .1, D_e = 2·19·1/(20·19) = .1, so 0.
    assert_eq!(
        texts,
        [
            ("Raw agreement", "90 %"),
            ("Cohen's kappa", "0.00"),
            ("Gwet's AC1", "0.89"),
            ("Krippendorff's alpha", "0.00")
        ]
    );
    assert!(
        verdict
            .paradox
            .as_deref()
            .unwrap()
            .contains("Read raw agreement and AC1")
    );
    assert!(
        verdict
            .sentence
            .starts_with("Of 10 results, both passes said the same of 9 (90 %, "),
        "{}",
        verdict.sentence
    );
    let criterion = &report.passes[1];
    assert_eq!((criterion.name.as_str(), criterion.n), ("tone", 10));
    assert_eq!(criterion.figures[0].value_text, "50 %");
    assert_eq!(criterion.figures[1].name, "Weighted kappa");
    assert!(
        report
            .disagreements
            .iter()
            .any(|one| one.case_index == 9 && one.second == Some(false))
    );
}

/// R84: on high-risk cases the graders' verdicts and the people's are held against each other, and each disagreement names
/// its result.
#[tokio::test(flavor = "multi_thread")]
async fn graders_and_people_are_held_against_each_other() {
    let desk = Desk::new();
    let (_stub, _, run) = reviewed_project(&desk, 40).await;
    let run = run.summary.run;
    let items = queue(&desk, run, ReviewPass::First, QueueOrder::Riskiest, Some(10))
        .await
        .items;
    for item in &items {
        // People pass everything but the first that the graders passed.
        desk.playbook
            .save_review(says(
                run,
                item.case_index,
                ReviewPass::First,
                item.case_index != 7,
            ))
            .await
            .unwrap();
    }
    let view = report(&desk, run).await;
    let high = &view.graders[1];
    assert_eq!((high.name.as_str(), high.n), ("Results of high risk", 10));
    let found: Vec<(u64, Option<bool>, bool)> = view
        .disagreements
        .iter()
        .map(|one| (one.case_index, one.automatic, one.first))
        .collect();
    // Every fourth case is adversarial, every third fails: 3, 15, 27 and 39 fail for the graders and pass for people.
    assert_eq!(
        found,
        [
            (3, Some(false), true),
            (15, Some(false), true),
            (27, Some(false), true),
            (39, Some(false), true),
            (7, Some(true), false),
        ]
    );
    assert!(view.disagreements.iter().all(|one| one.high_risk));
    // The riskiest say nothing of the rest.
    assert!(view.corrected.value_text.is_none() && view.corrected.sentence.contains("of 30 cases"));

    let sample = queue(&desk, run, ReviewPass::First, QueueOrder::Random, Some(32))
        .await
        .items;
    for item in &sample {
        desk.playbook
            .save_review(says(run, item.case_index, ReviewPass::First, true))
            .await
            .unwrap();
    }
    let corrected = report(&desk, run).await.corrected;
    assert!(corrected.sampled >= 32, "{corrected:?}");
    assert_eq!(corrected.labelled.unwrap().value_text, "100 %");
    assert!(
        corrected.sentence.contains("too strict"),
        "{}",
        corrected.sentence
    );

    let exported = desk
        .playbook
        .export_reviews(ExportReviewsRequest {
            run,
            replace: Vec::new(),
        })
        .await
        .unwrap();
    let text = std::fs::read_to_string(&exported.written[0]).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(line["reviewer"], "Ada");
    let file = serde_json::to_value(desk.playbook.results_file(&[run]).await.unwrap()).unwrap();
    assert_eq!(file["results"][3]["reviews"][0]["passed"], true);
}

/// R190: failed results get a root cause; shares come with n and interval, and what nobody labelled is in none of them.
#[tokio::test(flavor = "multi_thread")]
async fn root_causes_have_shares_of_what_is_labelled() {
    let desk = Desk::new();
    let (_stub, _, run) = reviewed_project(&desk, 12).await;
    let run = run.summary.run;
    let label = |case_index, cause| LabelRequest {
        run,
        case_index,
        repeat: 0,
        cause,
    };
    for (case, cause) in [
        (0, RootCause::Retrieval),
        (3, RootCause::Retrieval),
        (6, RootCause::Prompt),
    ] {
        desk.playbook
            .label_root_cause(label(case, Some(cause)))
            .await
            .unwrap();
    }
    let passed = desk
        .playbook
        .label_root_cause(label(1, Some(RootCause::State)))
        .await;
    assert_eq!(passed.unwrap_err().code, Code::Refused);
    let causes = report(&desk, run).await.root_causes;
    assert_eq!((causes.labelled, causes.unlabelled), (3, 1));
    let shares: Vec<(&str, u64, u64, &str, Option<&str>)> = causes
        .shares
        .iter()
        .map(|one| {
            (
                one.label.as_str(),
                one.count,
                one.n,
                one.value_text.as_str(),
                one.interval_text.as_deref(),
            )
        })
        .collect();
    // Wilson at 95 %: 2 of 3 is .2077 to .9385, 1 of 3 is .0615 to .7923.
    assert_eq!(
        shares,
        [
            ("Retrieval", 2, 3, "67 %", Some("21 to 94")),
            ("Prompt", 1, 3, "33 %", Some("6 to 79"))
        ]
    );
    desk.playbook.label_root_cause(label(6, None)).await.unwrap();
    let request = ResultRequest {
        run,
        case_index: 0,
        repeat: 0,
    };
    let reviews = desk.playbook.result_reviews(request).await.unwrap();
    assert_eq!(
        (reviews.root_cause, reviews.can_label),
        (Some(RootCause::Retrieval), true)
    );
    assert_eq!(report(&desk, run).await.root_causes.unlabelled, 2);
}

/// H15: a failed case becomes a case of the dataset (its difference shown and asked about, the file never overwritten when it
/// changed) and an item of the roadmap with run and case as its reference, each in one step.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_case_becomes_a_dataset_case_and_a_roadmap_item() {
    let desk = Desk::new();
    desk.sets_out().await;
    let (stub, project, view) = reviewed_project(&desk, 6).await;
    let run = view.summary.run;
    let result = ResultRequest {
        run,
        case_index: 3,
        repeat: 0,
    };
    let mut draft = desk.playbook.draft_case(result).await.unwrap();
    assert_eq!(
        (draft.id.as_str(), draft.dataset.as_str()),
        ("adversarial-003-2", "golden.jsonl")
    );
    assert_eq!(draft.fields["source"], "run 1, adversarial-003");
    let request =
        |fields: &serde_json::Map<String, serde_json::Value>, hash: Option<String>| AddCaseRequest {
            project,
            suite: Some("suite.yaml".into()),
            case: NewCase::Result {
                id: "adversarial-003-2".into(),
                category: "adversarial".into(),
                fields: fields.clone(),
            },
            hash,
        };
    let same = desk
        .playbook
        .add_case(request(&draft.fields, None))
        .await
        .unwrap_err();
    assert!(same.message.contains("says the same"), "{same}");
    draft
        .fields
        .insert("question".into(), "say it differently".into());
    let dataset = stub.folder.join("golden.jsonl");
    let before = std::fs::read_to_string(&dataset).unwrap();
    let shown = desk
        .playbook
        .add_case(request(&draft.fields, None))
        .await
        .unwrap();
    assert!(
        !shown.written && shown.difference.contains("+{\"id\":\"adversarial-003-2\""),
        "{shown:?}"
    );
    assert_eq!(std::fs::read_to_string(&dataset).unwrap(), before);

    // Somebody else adds a line meanwhile: nothing is written, and the new difference is shown.
    let edited = format!("{before}{{\"id\":\"other\",\"question\":\"say x\",\"expected\":\"x\"}}\n");
    std::fs::write(&dataset, &edited).unwrap();
    let changed = desk
        .playbook
        .add_case(request(&draft.fields, Some(shown.hash)))
        .await
        .unwrap();
    assert!(!changed.written && changed.changed_since);
    assert_eq!(std::fs::read_to_string(&dataset).unwrap(), edited);
    let written = desk
        .playbook
        .add_case(request(&draft.fields, Some(changed.hash)))
        .await
        .unwrap();
    assert!(
        written.written && written.note.contains("8 cases and another content hash"),
        "{written:?}"
    );
    assert!(std::fs::read_to_string(&dataset).unwrap().starts_with(&edited));
    let next = desk.run(ask(project)).await;
    assert_eq!(next.summary.cases, 8);
    assert_ne!(next.summary.dataset, view.summary.dataset);

    let item = Command::AddItemFromFailure {
        run,
        case_id: "adversarial-003".into(),
        text: None,
        week: None,
    };
    desk.playbook
        .record(RecordRequest { command: item })
        .await
        .unwrap();
    let roadmap = serde_json::to_value(desk.playbook.roadmap(api::wire::Nothing {}).await.unwrap()).unwrap();
    let text = roadmap.to_string();
    assert!(
        text.contains("\"failed_case\"") && text.contains(&run.to_string()),
        "{text}"
    );
}

/// R204: a wrong answer that somebody reported becomes a case in the words of the suite, marked as feedback with its date.
#[tokio::test(flavor = "multi_thread")]
async fn feedback_becomes_a_dataset_case() {
    let desk = Desk::new();
    let (stub, project, _) = reviewed_project(&desk, 4).await;
    let report = |right: &str, should_refuse: bool, hash: Option<String>| AddCaseRequest {
        project,
        suite: None,
        case: NewCase::Feedback {
            question: "say hello".into(),
            said: "good bye".into(),
            right: right.into(),
            document: "greetings.md".into(),
            should_refuse,
        },
        hash,
    };
    let empty = desk.playbook.add_case(report("", false, None)).await.unwrap_err();
    assert_eq!(empty.code, Code::Input);
    let refusal = desk.playbook.add_case(report("", true, None)).await.unwrap_err();
    assert!(
        refusal
            .message
            .contains("no grader of this suite looks for a refusal"),
        "{refusal}"
    );
    let shown = desk
        .playbook
        .add_case(report("hello", false, None))
        .await
        .unwrap();
    let written = desk
        .playbook
        .add_case(report("hello", false, Some(shown.hash)))
        .await
        .unwrap();
    assert!(written.written);
    let text = std::fs::read_to_string(stub.folder.join("golden.jsonl")).unwrap();
    let case: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(
        case,
        serde_json::json!({
            "id": "feedback-001", "category": "feedback", "question": "say hello", "expected": "hello",
            "document": "greetings.md", "said": "good bye", "source": "feedback", "reported_on": "2026-11-02"
        })
    );
    let run = desk.run(ask(project)).await;
    assert_eq!(run.summary.cases, 5);
}

/// A label on an error goes with the error when it is asked again: it does not hold for the answer that comes in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_takes_away_what_was_said_of_the_errors() {
    let desk = Desk::new();
    let cases = [("plain-000", "say a", "b"), ("broken-000", "status 500", "x")];
    let stub = StubProject::new(&desk.sandbox.path("app"), "", &cases);
    let project = desk.opens(&stub.folder).await.id;
    let run = desk.run(ask(project)).await.summary.run;
    let label = |case_index| LabelRequest {
        run,
        case_index,
        repeat: 0,
        cause: Some(RootCause::Infrastructure),
    };
    for case in [0, 1] {
        desk.playbook.label_root_cause(label(case)).await.unwrap();
    }
    let error = desk
        .playbook
        .save_review(says(run, 1, ReviewPass::First, false))
        .await
        .unwrap_err();
    assert!(error.message.contains("no answer to judge"), "{error}");
    desk.playbook.retry_errors(RunRequest { run }).await.unwrap();
    desk.ends(run).await;
    let causes = report(&desk, run).await.root_causes;
    assert_eq!((causes.labelled, causes.unlabelled), (1, 1));
}
