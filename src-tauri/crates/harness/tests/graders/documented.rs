//! What `docs/suite-format.md` says of graders is true: its examples are read, and every type has its section.

use harness::Suite;

fn document() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/suite-format.md");
    std::fs::read_to_string(path).unwrap()
}

/// What a suite needs besides its graders.
const HEAD: &str = "version: 1\nname: x\ndataset: cases.jsonl\ntarget:\n  name: x\n  url: http://127.0.0.1:1\n  \
                    request: { path: / }\n  response: { answer: /a }\n";

/// The YAML examples that are a list of graders, each as a whole suite.
fn suites(document: &str) -> Vec<String> {
    document
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|example| example.starts_with("graders:"))
        .map(|example| format!("{HEAD}{example}"))
        .collect()
}

/// H4: the whole set, each with its definition and an example.
#[test]
fn every_grader_has_a_section_and_its_examples_are_read() {
    let document = document();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cases.jsonl"), "{\"q\": 1}\n").unwrap();
    let path = folder.path().join("suite.yaml");
    let mut shown = Vec::new();
    for text in suites(&document) {
        std::fs::write(&path, &text).unwrap();
        let suite = Suite::load(&path).unwrap_or_else(|error| panic!("{text}\n{error}"));
        shown.extend(suite.graders.into_iter().map(|grader| grader.kind));
    }
    let schema = serde_json::to_value(schemars::schema_for!(harness::grader::file::GraderFile)).unwrap();
    let types: Vec<&str> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["properties"]["type"]["const"].as_str())
        .collect();
    assert_eq!(types.len(), 27, "{types:?}");
    for kind in types {
        assert!(
            document.contains(&format!("\n### `{kind}`\n")),
            "no section on {kind}"
        );
        // The first graders are shown in the whole suite at the top.
        let whole_suite = document.contains(&format!("type: {kind}"));
        assert!(shown.contains(&kind) || whole_suite, "no example of {kind}");
    }
    assert!(shown.len() >= 15, "{shown:?}");
}

/// Every metric that the document lists can be held to a limit, those of streamed answers too.
#[test]
fn every_documented_release_metric_can_be_named() {
    let document = document();
    let row = document
        .lines()
        .find(|line| line.starts_with("| `metric` |"))
        .unwrap();
    let listed = row.split("a grader's name").next().unwrap();
    let metrics: Vec<&str> = listed.split('`').skip(3).step_by(2).collect();
    assert!(metrics.contains(&"first_token_p95"), "{metrics:?}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cases.jsonl"), "{\"q\": 1}\n").unwrap();
    let path = folder.path().join("suite.yaml");
    for metric in metrics {
        let limit = match metric {
            "cost_per_case" => "$0.01",
            rate if rate.ends_with("_rate") => "0.5",
            _ => "800ms",
        };
        let side = if metric == "pass_rate" {
            "at_least"
        } else {
            "at_most"
        };
        let text = format!(
            "{HEAD}graders:\n  - {{ name: g, type: contains, expected: q }}\nrelease_metrics:\n  - {{ metric: {metric}, \
             {side}: {limit} }}\n"
        );
        std::fs::write(&path, &text).unwrap();
        let suite = Suite::load(&path).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(suite.thresholds[0].metric, metric);
    }
}
