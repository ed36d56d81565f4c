//! The results page: whatever is asked of it, its rows and its count are those that reading every result would find.

use crate::support::{Desk, ask};
use api::{
    evidence::RunId,
    wire::run::{
        CompareRequest, Flip, FlipFilter, ResultFilter, ResultRequest, ResultRow, ResultsRequest, RunRequest,
        StartRunRequest,
    },
};
use std::{collections::BTreeMap, fs, path::Path};

const CASES: usize = 48;

/// Cases whose verdict follows from the hidden file `.verdicts`: a line for each, `pass`, `fail` or `crash`.
fn project(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let rows = (0..CASES).map(|case| {
        format!(
            "{{\"id\": \"case-{case:02}\", \"category\": \"{}\", \"line\": {}, \"question\": \"Is 100%_{} right?\"}}\n",
            ["a", "b", "c"][case % 3],
            case + 1,
            if case % 5 == 0 { "Five" } else { "other" }
        )
    });
    fs::write(folder.join("cases.jsonl"), rows.collect::<String>()).unwrap();
    let suite = "version: 1
name: pages
dataset: cases.jsonl
target:
  name: script
  command:
    run: [sh, -c, 'verdict=$(sed -n {{line}}p .verdicts); echo $verdict; [ $verdict != crash ]']
graders:
  - { name: long, type: regex, pattern: '....', failure: too short }
  - { name: right, type: contains, value: pass, failure: wrong }
";
    fs::write(folder.join("suite.yaml"), suite).unwrap();
}

fn verdicts(folder: &Path, of: impl Fn(usize) -> &'static str) {
    let lines = (0..CASES).map(|case| format!("{}\n", of(case)));
    fs::write(folder.join(".verdicts"), lines.collect::<String>()).unwrap();
}

async fn page(
    desk: &Desk,
    run: RunId,
    filter: &ResultFilter,
    offset: u64,
    limit: u32,
) -> (Vec<ResultRow>, u64) {
    let request = ResultsRequest {
        run,
        filter: filter.clone(),
        offset,
        limit,
    };
    let page = desk.playbook.results(request).await.unwrap();
    (page.rows, page.total)
}

/// Every question against the whole list, which is read once without any filter.
async fn assert_pages(desk: &Desk, run: RunId, before: RunId) {
    let (all, total) = page(desk, run, &ResultFilter::default(), 0, 500).await;
    assert_eq!((all.len(), total), (CASES, CASES as u64));
    let earlier: BTreeMap<String, bool> = page(desk, before, &ResultFilter::default(), 0, 500)
        .await
        .0
        .into_iter()
        .map(|row| (row.case_id, row.passed))
        .collect();
    let mut asked = 0;
    for passed in [None, Some(true), Some(false)] {
        for failure in [
            None,
            Some("wrong"),
            Some("too short"),
            Some("command failed"),
            Some("none such"),
        ] {
            for category in [None, Some("a"), Some("c"), Some("d")] {
                for text in [None, Some("FIVE"), Some("100%_o"), Some("case-1")] {
                    for flip in [None, Some(Flip::Gained), Some(Flip::Lost), Some(Flip::Any)] {
                        let filter = ResultFilter {
                            passed,
                            failure: failure.map(str::to_owned),
                            category: category.map(str::to_owned),
                            text: text.map(str::to_owned),
                            flipped_since: flip.map(|flip| FlipFilter { run: before, flip }),
                        };
                        let expected: Vec<&ResultRow> = all
                            .iter()
                            .filter(|row| {
                                let was = earlier[&row.case_id];
                                let shown = format!("{} {}", row.case_id, row.question).to_lowercase();
                                passed.is_none_or(|passed| row.passed == passed)
                                    && failure.is_none_or(|failure| row.failure.as_deref() == Some(failure))
                                    && category.is_none_or(|category| row.category == category)
                                    && text.is_none_or(|text| shown.contains(&text.to_lowercase()))
                                    && match flip {
                                        None => true,
                                        Some(Flip::Gained) => row.passed && !was,
                                        Some(Flip::Lost) => !row.passed && was,
                                        Some(Flip::Any) => row.passed != was,
                                    }
                            })
                            .collect();
                        let (rows, total) = page(desk, run, &filter, 0, 500).await;
                        assert_eq!(total, expected.len() as u64, "{filter:?}");
                        assert_eq!(rows.iter().collect::<Vec<_>>(), expected, "{filter:?}");
                        let (part, total) = page(desk, run, &filter, 3, 4).await;
                        assert_eq!(total, expected.len() as u64, "{filter:?}");
                        let expected: Vec<&ResultRow> = expected.into_iter().skip(3).take(4).collect();
                        assert_eq!(part.iter().collect::<Vec<_>>(), expected, "{filter:?}");
                        asked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(asked, 3 * 5 * 4 * 4 * 4);
}

/// Also after errors were asked again, which takes results away and adds others.
#[tokio::test]
async fn a_page_and_its_count_say_what_reading_everything_would() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("app");
    project(&folder);
    verdicts(&folder, |case| if case % 4 == 0 { "no" } else { "pass" });
    let row = desk.opens(&folder).await;
    let first = desk.run(ask(row.id)).await.summary.run;
    let later = |case: usize| match case % 7 {
        0 => "fail",
        1 => "no",
        2 => "crash",
        _ => "pass",
    };
    verdicts(&folder, later);
    let second = desk.run(ask(row.id)).await.summary;
    assert!(second.errored > 0 && second.failed > 0 && second.passed > 0);
    assert_pages(&desk, second.run, first).await;

    verdicts(&folder, |case| {
        if case % 7 == 2 && case % 2 == 0 {
            "fail"
        } else {
            later(case)
        }
    });
    desk.playbook
        .retry_errors(RunRequest { run: second.run })
        .await
        .unwrap();
    let again = desk.ends(second.run).await.summary;
    assert!(again.errored > 0 && again.errored < second.errored, "{again:?}");
    assert_pages(&desk, second.run, first).await;
}

/// Head, rows and detail of a run's page are held against the same run: the frozen baseline, once there is one.
#[tokio::test]
async fn a_page_is_held_against_the_frozen_baseline_throughout() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("app");
    project(&folder);
    let row = desk.opens(&folder).await;
    let mut runs = Vec::new();
    for verdict in ["pass", "fail", "pass"] {
        verdicts(&folder, |_| verdict);
        runs.push(desk.run(ask(row.id)).await.summary.run);
    }
    let flips = async || {
        let (rows, _) = page(&desk, runs[2], &ResultFilter::default(), 0, 500).await;
        rows.iter().filter(|row| row.flip.is_some()).count()
    };
    assert_eq!(flips().await, CASES);

    let frozen = RunRequest { run: runs[0] };
    desk.playbook.freeze_baseline(frozen).await.unwrap();
    let previous = desk.ends(runs[2]).await.previous.unwrap();
    assert_eq!((previous.number, previous.frozen, previous.gained), (1, true, 0));
    assert_eq!(flips().await, 0);
    let request = ResultRequest {
        run: runs[2],
        case_index: 0,
        repeat: 0,
    };
    let result = desk.playbook.result(request).await.unwrap();
    assert_eq!(result.previous.unwrap().number, 1);
    assert_eq!(desk.ends(runs[0]).await.previous, None);
}

/// With repeats a case changed when most of its trials did: the page's count and the filtered list speak of the same cases, and the
/// list shows every trial of them.
#[tokio::test]
async fn flips_of_repeated_cases_are_those_that_the_comparison_counts() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let rows = ["a", "b", "c"].iter().zip(1..).map(|(id, line)| {
        format!(
            "{{\"id\": \"{id}\", \"category\": \"all\", \"line\": {line}, \"question\": \"Is it right?\"}}\n"
        )
    });
    fs::write(folder.join("cases.jsonl"), rows.collect::<String>()).unwrap();
    // The n-th call of a case answers with the n-th word of its line.
    let suite = "version: 1
name: repeats
dataset: cases.jsonl
target:
  name: script
  command:
    run: [sh, -c, 'n=$(cat .count-{{line}} 2>/dev/null || echo 0); echo $((n + 1)) > .count-{{line}}; sed -n {{line}}p .verdicts | cut -d, -f $((n % 3 + 1))']
graders:
  - { name: right, type: contains, value: pass, failure: wrong }
";
    fs::write(folder.join("suite.yaml"), suite).unwrap();
    let row = desk.opens(&folder).await;
    let run = async |verdicts: &str| {
        fs::write(folder.join(".verdicts"), verdicts).unwrap();
        let request = StartRunRequest {
            repeat: Some(3),
            concurrency: Some(1),
            ..ask(row.id)
        };
        desk.run(request).await
    };
    let first = run("no,no,pass\npass,pass,no\npass,no,pass\n").await.summary;
    let second = run("pass,pass,no\nno,no,pass\nno,pass,pass\n").await;
    assert_eq!((first.trials, first.passed, second.summary.passed), (9, 5, 5));
    let previous = second.previous.unwrap();
    assert_eq!((previous.run, previous.gained, previous.lost), (first.run, 1, 1));
    let listed = async |flip: Flip| {
        let before = first.run;
        let filter = ResultFilter {
            flipped_since: Some(FlipFilter { run: before, flip }),
            ..ResultFilter::default()
        };
        let (rows, total) = page(&desk, second.summary.run, &filter, 0, 500).await;
        assert_eq!(rows.len() as u64, total);
        let mut cases: Vec<String> = rows.into_iter().map(|row| row.case_id).collect();
        cases.sort();
        cases.concat()
    };
    assert_eq!(listed(Flip::Gained).await, "aaa");
    assert_eq!(listed(Flip::Lost).await, "bbb");
    assert_eq!(listed(Flip::Any).await, "aaabbb");
}

/// R85: "not distinguishable" comes with what so many cases show, after a comparison and before the next run.
#[tokio::test]
async fn what_the_cases_can_show_is_said_before_and_after() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("app");
    project(&folder);
    let row = desk.opens(&folder).await;
    let note = async || {
        let estimate = desk.playbook.estimate_run(ask(row.id)).await.unwrap();
        estimate.notes[0].clone()
    };
    assert_eq!(
        note().await,
        "With 48 cases you can see a change of the pass rate of 16 points or more (paired with a run at about 80 %, which is assumed, at \
         80 % power; 192 cases show half of that)."
    );
    let mut runs = Vec::new();
    for failing in 0..2 {
        verdicts(&folder, |case| if case % 4 == failing { "fail" } else { "pass" });
        runs.push(desk.run(ask(row.id)).await.summary.run);
    }
    let request = CompareRequest {
        before: runs[0],
        after: runs[1],
    };
    let compared = desk.playbook.compare(request).await.unwrap();
    assert_eq!(
        compared.sentences[0],
        "Pass rate: 75 % and 75 % (+0 points), not distinguishable; these 48 cases show 29 points or more"
    );
    assert_eq!(
        note().await,
        "With 48 cases you can see a change of the pass rate of 18 points or more (paired with a run at about 75 %, as run 2 was, at 80 % \
         power; 192 cases show half of that)."
    );
}
