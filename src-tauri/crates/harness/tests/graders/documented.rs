//! What `docs/suite-format.md` says of graders is true: its examples are read, and every type has its section.

use harness::Suite;

fn document() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/suite-format.md");
    std::fs::read_to_string(path).unwrap()
}

/// The YAML examples that are a list of graders, each as a whole suite.
fn suites(document: &str) -> Vec<String> {
    let head = "version: 1\nname: x\ndataset: cases.jsonl\ntarget:\n  name: x\n  url: http://127.0.0.1:1\n  \
                request: { path: / }\n  response: { answer: /a }\n";
    document
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|example| example.starts_with("graders:"))
        .map(|example| format!("{head}{example}"))
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
