//! What a killed process left behind, found at the next start.

use crate::support::Desk;
use api::{
    evidence::{Bound, Gate, RunId, RunStatus, RunSummary, Threshold},
    wire::{Nothing, run::RunRequest},
};
use playbook_tests::StubProject;
use store::{NewRun, RunPlanRecord, Store};

/// A run that cannot be summarised is given up with its reason; it keeps neither the app from opening nor another run from
/// being resumed.
#[tokio::test(flavor = "multi_thread")]
async fn one_run_that_cannot_be_summarised_keeps_nobody_from_the_others() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 2);
    let project = desk.opens(&stub.folder).await.id;
    let whole = desk.candidate(project).await.summary;
    let store = Store::open(&desk.database()).unwrap();
    let record = store.run(whole.run).unwrap();
    let left_behind = |baseline: Option<RunId>| {
        let threshold = Threshold {
            metric: "pass_rate".into(),
            bound: Bound::NoWorseBy,
            limit: 0.05,
            demand_bound: false,
            outcome: None,
        };
        let summary = RunSummary {
            run: RunId::new(),
            status: RunStatus::Running,
            finished_at: None,
            gate: Gate::judge(&[threshold], &[], &[]),
            ..whole.clone()
        };
        let run = NewRun {
            summary,
            plan: RunPlanRecord {
                baseline,
                ..record.plan.clone()
            },
            graders: record.graders.clone(),
            owner: "0:0".into(),
        };
        store.add_run(&run).unwrap().summary.run
    };
    // Its thresholds are held against a run that is not there any more.
    let broken = left_behind(Some(RunId::new()));
    let sound = left_behind(Some(whole.run));

    let playbook = desk.started_again().unwrap();
    let run = async |run: RunId| playbook.run(RunRequest { run }).await.unwrap();
    let given_up = run(broken).await;
    assert_eq!(given_up.summary.status, RunStatus::Failed);
    let failure = given_up.failure.unwrap();
    assert!(failure.message.contains("cannot be summarised"), "{failure:?}");
    assert_eq!(run(sound).await.summary.status, RunStatus::Interrupted);
    let resumable = playbook.app_state(Nothing {}).await.unwrap().resumable;
    let told: Vec<(RunId, bool)> = resumable
        .iter()
        .map(|run| (run.run, run.reason.contains("cannot be summarised")))
        .collect();
    assert_eq!(told, [(sound, false), (broken, true)]);
}
