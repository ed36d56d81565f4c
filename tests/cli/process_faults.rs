//! What happens to the machine: the process is killed, the service dies, the disk is full, somebody else uses the database.

use api::wire::run::{ResultFilter, ResultsRequest, StartRunRequest};
use nix::sys::signal::Signal;
use playbook_tests::{Ran, Sandbox, StubProject, finish, signal, until};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    hash::{BuildHasher as _, Hasher as _},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

const CASES: usize = 1000;
const IN_FLIGHT: usize = 8;
/// Results that may wait to be written: one batch, which is what arrives within 50 ms and at most this many.
const BATCH: usize = 256;

fn playbook(sandbox: &Sandbox) -> api::Playbook {
    api::Playbook::open(api::Paths::below(&sandbox.data()), Arc::new(api::SystemHost)).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// The questions whose answers are durable, of the newest run; nothing while there is none.
fn committed(sandbox: &Sandbox) -> BTreeSet<String> {
    let playbook = playbook(sandbox);
    runtime().block_on(async {
        let Some(newest) = playbook.run_list(None).await.unwrap().into_iter().next() else {
            return BTreeSet::new();
        };
        let mut questions = BTreeSet::new();
        loop {
            let page = playbook
                .results(ResultsRequest {
                    run: newest.run,
                    filter: ResultFilter::default(),
                    offset: questions.len() as u64,
                    limit: 500,
                })
                .await
                .unwrap();
            questions.extend(page.rows.into_iter().map(|row| row.question));
            if questions.len() as u64 >= page.total {
                return questions;
            }
        }
    })
}

/// Every case once, and all passed.
#[track_caller]
fn assert_each_once(results: &Value, cases: usize) {
    let ids: Vec<&str> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["case_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), cases);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), cases, "one twice");
    assert_eq!(results["summary"]["passed"], cases);
}

/// A number below `most`, different each time.
fn chance(most: usize) -> usize {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    bits as usize % most.max(1)
}

/// Kills a run of 1,000 cases at so many points and goes on each time; says how much a kill cost at worst.
fn kill_and_resume(points: usize) {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), CASES);
    project.change_suite("concurrency: 4", &format!("concurrency: {IN_FLIGHT}"));
    let mut safe = BTreeSet::new();
    let (mut worst, mut log) = (0, Vec::new());
    for point in 0..points {
        let begun = project.asked().len();
        let arguments: &[&str] = if point == 0 {
            &["eval", "app", "--trust"]
        } else {
            &["eval", "--resume", "last"]
        };
        let mut child = sandbox.command(arguments).spawn().unwrap();
        // On the average an equal part of what is left; now and then in the middle of the start.
        let part = 2 * (CASES - safe.len()) / (points - point + 1);
        let step = chance(part).max(usize::from(point == 0));
        let started = Instant::now();
        while project.asked().len() < begun + step {
            assert!(
                child.try_wait().unwrap().is_none(),
                "ended by itself at point {point}: {log:?}"
            );
            assert!(started.elapsed() < Duration::from_secs(60), "hangs: {log:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(chance(60) as u64));
        signal(child.id(), Signal::SIGKILL);
        child.wait().unwrap();
        until("the service is gone with its harness", || {
            sandbox.processes().is_empty()
        });

        let asked: Vec<String> = project.asked().split_off(begun);
        let repeated: Vec<&String> = asked.iter().filter(|question| safe.contains(*question)).collect();
        assert_eq!(
            repeated,
            Vec::<&String>::new(),
            "committed, and asked again: {log:?}"
        );
        let now = committed(&sandbox);
        assert!(now.is_superset(&safe), "a result was lost: {log:?}");
        let lost = asked.iter().filter(|question| !now.contains(*question)).count();
        assert!(
            lost <= IN_FLIGHT + BATCH,
            "{lost} calls are to be repeated: {log:?}"
        );
        worst = worst.max(lost);
        log.push((asked.len(), now.len()));
        safe = now;
    }
    let begun = project.asked().len();
    let resumed = sandbox
        .run(&["eval", "--resume", "last", "--json"])
        .exits(0)
        .json();
    assert_each_once(&resumed, CASES);
    let asked = project.asked().split_off(begun);
    assert!(asked.iter().all(|question| !safe.contains(question)));
    assert_eq!(asked.len(), CASES - safe.len());
    assert_eq!(sandbox.processes(), []);
    assert!(worst > 0 || points < 10, "no kill hit a call: {log:?}");
}

/// H6: killed at three points and resumed, a run has each case once, and no call is repeated whose result was safe.
#[test]
fn killed_at_three_points_a_run_has_each_case_once() {
    kill_and_resume(3);
}

/// H6: the same at fifty points.
#[test]
#[ignore = "long: fifty runs are killed"]
fn killed_at_fifty_points_a_run_has_each_case_once() {
    kill_and_resume(50);
}

/// H6: a service that dies at case 500 of 1,000 ends the run with its last words; the rest is done later, and nothing twice
/// that was safe.
#[test]
fn service_that_dies_at_case_500_costs_no_result() {
    let sandbox = Sandbox::new();
    let rows: Vec<(String, String, String)> = (0..CASES)
        .map(|case| {
            let word = if case == 499 { "crash" } else { "say" };
            (
                format!("case-{case:04}"),
                format!("{word} word{case}"),
                format!("word{case}"),
            )
        })
        .collect();
    let rows: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|(id, question, expected)| (id.as_str(), question.as_str(), expected.as_str()))
        .collect();
    let project = StubProject::new(&sandbox.path("app"), "", &rows);
    let failed = sandbox.run(&["eval", "app", "--trust"]).exits(3);
    assert!(
        failed
            .stderr
            .contains("the service ended during the run with exit code 7"),
        "{}",
        failed.stderr
    );
    let safe = committed(&sandbox);
    // Four in flight when it died.
    assert!(safe.len() >= 490, "only {} results are kept", safe.len());
    let begun = project.asked().len();
    project.release();
    let resumed = sandbox
        .run(&["eval", "--resume", "last", "--json"])
        .exits(0)
        .json();
    assert_each_once(&resumed, CASES);
    assert!(
        project.asked()[begun..]
            .iter()
            .all(|question| !safe.contains(question))
    );
}

/// A full disk ends the run with its name; what was written before is kept, and with room the run goes on.
#[test]
fn a_full_disk_is_named_and_costs_no_result() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), CASES);
    fs::create_dir_all(sandbox.data()).unwrap();
    // A file system in memory, in a name space of its own, so that nobody else sees it.
    let script = "
        mount -t tmpfs -o size=700k tmpfs \"$PLAYBOOK_DATA\" || exit 90
        \"$0\" eval app --trust >full.out 2>full.err
        echo $? >full.code
        wc -l <app/.asked.log >full.asked
        mount -o remount,size=64m \"$PLAYBOOK_DATA\" || exit 91
        exec \"$0\" eval --resume last --json
    ";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    let inner = sandbox.command(&[]);
    command
        .arg(inner.get_program())
        .current_dir(sandbox.folder())
        .env_clear()
        .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let probe = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "mount",
            "-t",
            "tmpfs",
            "tmpfs",
            "/mnt",
        ])
        .output()
        .expect("this test needs `unshare` of util-linux");
    assert!(
        probe.status.success(),
        "this test needs user name spaces, to mount a disk of a few kilobytes: {}",
        String::from_utf8_lossy(&probe.stderr)
    );
    let resumed = finish(command);
    let read = |name: &str| fs::read_to_string(sandbox.path(name)).unwrap_or_default();
    let said = read("full.err");
    assert_eq!(read("full.code").trim(), "3", "{said}");
    assert!(said.contains("disk is full"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    let resumed: Ran = resumed.exits(0);
    assert_each_once(&resumed.json(), CASES);
    let before: usize = read("full.asked").trim().parse().unwrap();
    let repeated = project.asked().len() - CASES;
    assert!(
        before > IN_FLIGHT && repeated <= before.min(IN_FLIGHT + 2 * BATCH),
        "{repeated} calls were repeated of {before}"
    );
}

/// A window and a command line on one database at once: both finish, and neither loses a result.
#[test]
fn window_and_command_line_share_a_database() {
    let sandbox = Sandbox::new();
    let window = StubProject::well(&sandbox.path("window"), 300);
    StubProject::well(&sandbox.path("line"), 300);
    let playbook = playbook(&sandbox);
    let runtime = runtime();
    let run = runtime.block_on(async {
        let row = playbook
            .open_project(api::wire::project::OpenProjectRequest {
                folder: window.folder.display().to_string(),
            })
            .await
            .unwrap();
        playbook
            .trust_project(api::wire::project::TrustRequest {
                project: row.id,
                trusted: true,
            })
            .await
            .unwrap();
        let started = playbook.start_run(StartRunRequest::of(row.id)).await.unwrap();
        started.run
    });
    let beside: Vec<Value> = (0..2)
        .map(|_| {
            let results = sandbox
                .run(&["eval", "line", "--trust", "--json"])
                .exits(0)
                .json();
            assert_each_once(&results, 300);
            results
        })
        .collect();
    assert_eq!(beside.len(), 2);
    let shown = runtime.block_on(async {
        playbook.follow(run, |_| true).await.unwrap();
        playbook.results_file(&[run]).await.unwrap()
    });
    let shown = serde_json::to_value(&shown).unwrap();
    assert_each_once(&shown, 300);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for question in window.asked() {
        *times.entry(question).or_default() += 1;
    }
    assert!(times.len() == 300 && times.values().all(|times| *times == 1));
}
