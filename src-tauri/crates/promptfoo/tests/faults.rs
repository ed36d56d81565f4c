//! What is wrong with a configuration is named at its place, ends in an error of the test that needs it, and never passes
//! or crashes.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/nothing.rs"]
mod nothing;

use nothing::Nothing;
use promptfoo::{ConfigurationErrors, Fault, Loaded, Session, TestVerdict, load};
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &Path) -> Result<Loaded, ConfigurationErrors> {
    load(&folder.join("promptfooconfig.yaml"), &Nothing)
}

fn refusal(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    match read(folder.path()) {
        Err(errors) => errors.to_string(),
        Ok(loaded) => loaded.check().expect_err("it should be refused").to_string(),
    }
}

async fn verdicts(files: &[(&str, &str)]) -> Vec<TestVerdict> {
    let folder = folder(files);
    let loaded = read(folder.path()).unwrap();
    let session = Session::default();
    let mut all = Vec::new();
    for case in loaded.cases() {
        let case = case.unwrap();
        for target in &loaded.targets {
            all.push(
                loaded
                    .evaluation
                    .run(target, &case, &session, &Nothing)
                    .await
                    .verdict,
            );
        }
    }
    all
}

fn with(rest: &str) -> String {
    format!("prompts: ['{{{{x}}}}']\nproviders: [echo]\n{rest}")
}

#[test]
fn malformed_yaml_is_named_at_its_line() {
    let text = refusal(&[(
        "promptfooconfig.yaml",
        "prompts: [a]\nproviders: [echo\ntests: x: y\n",
    )]);
    assert!(text.contains("promptfooconfig.yaml:3"), "{text}");
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..15 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{before}]\n");
    }
    let text = refusal(&[("promptfooconfig.yaml", &text)]);
    assert!(text.contains("aliases") || text.contains("too large"), "{text}");
}

#[test]
fn a_ref_that_leads_back_to_itself_is_refused() {
    let config = with(
        "assertionTemplates:\n  a: {$ref: '#/assertionTemplates/b'}\n  b: {$ref: '#/assertionTemplates/a'}\ntests: [{vars: {x: y}, assert: [{$ref: '#/assertionTemplates/a'}]}]",
    );
    let text = refusal(&[("promptfooconfig.yaml", &config)]);
    assert!(text.contains("leads back to itself"), "{text}");
}

#[test]
fn files_that_refer_to_each_other_in_a_circle_are_refused() {
    let config = with("tests: [{$ref: 'one.yaml#/test'}]");
    let text = refusal(&[
        ("promptfooconfig.yaml", &config),
        ("one.yaml", "test: {$ref: 'two.yaml#/test'}"),
        ("two.yaml", "test: {$ref: 'one.yaml#/test'}"),
    ]);
    assert!(text.contains("leads back to itself"), "{text}");
}

#[test]
fn refs_that_multiply_are_refused() {
    let mut config =
        with("tests: [{vars: {x: {$ref: '#/m/a9'}}}]\nm:\n  a0: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n");
    for level in 1..10 {
        let before = format!("{{$ref: '#/m/a{}'}}", level - 1);
        config += &format!("  a{level}: [{}]\n", vec![before; 10].join(", "));
    }
    let text = refusal(&[("promptfooconfig.yaml", &config)]);
    assert!(text.contains("too many values"), "{text}");
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    for config in [
        with("tests: file://../secret.yaml"),
        with("tests: ['file:///etc/hostname.yaml']"),
        with("defaultTest: file://../../etc/passwd"),
        with("scenarios: [file://../s.yaml]"),
        "prompts: [file://../prompt.txt]\nproviders: [echo]".to_owned(),
        "prompts: [a]\nproviders: ['file://../p.yaml']".to_owned(),
        "prompts: [a]\nproviders: ['python:../p.py']".to_owned(),
    ] {
        let text = refusal(&[("inside/x.txt", ""), ("promptfooconfig.yaml", &config)]);
        assert!(text.contains("leaves the folder"), "{config}\n{text}");
    }
}

#[tokio::test]
async fn a_path_that_leaves_the_folder_is_an_error_of_its_test() {
    let config = with(
        "tests:\n  - {vars: {x: y}, assert: [{type: contains, value: 'file:///etc/hostname.txt'}]}\n  - {vars: {x: 'file://../../etc/hostname'}}\n  - {vars: {x: y}, options: {transform: 'file://../t.js'}}\n  - {vars: {x: y}, assert: [{type: python, value: 'file://../../t.py'}]}",
    );
    let all = verdicts(&[("promptfooconfig.yaml", &config)]).await;
    assert_eq!(all.len(), 4);
    for verdict in all {
        assert!(!verdict.success && verdict.error.is_some());
        assert!(verdict.reason.contains("leaves the folder"), "{}", verdict.reason);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_out_of_the_folder_is_refused() {
    let config = with("tests: [{vars: {x: file://link.txt}}]");
    let folder = folder(&[("promptfooconfig.yaml", &config)]);
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.txt")).unwrap();
    let loaded = read(folder.path()).unwrap();
    let case = loaded.cases().next().unwrap().unwrap();
    let verdict = loaded
        .evaluation
        .run(&loaded.targets[0], &case, &Session::default(), &Nothing)
        .await
        .verdict;
    assert!(verdict.reason.contains("leaves the folder"), "{}", verdict.reason);
}

#[tokio::test]
async fn scripts_without_end_are_errors_of_their_tests_and_the_rest_goes_on() {
    let config = with(
        "tests:\n  - {vars: {x: y}, assert: [{type: javascript, value: '(() => { while (true) {} })()'}]}\n  - {vars: {x: y}, assert: [{type: not-javascript, value: '(() => { for (;;) {} })()'}]}\n  - {vars: {x: y}, assert: [{type: javascript, value: 'new Array(1e9).fill(7).map(String).length > 0'}]}\n  - {vars: {x: y}, assert: [{type: equals, value: y}]}",
    );
    let all = verdicts(&[("promptfooconfig.yaml", &config)]).await;
    assert!(
        matches!(
            &all[0].error,
            Some(Fault::Script(harness::script::ScriptError::Time(_)))
        ),
        "{:?}",
        all[0]
    );
    assert!(all[1].error.is_some() && !all[1].success, "{:?}", all[1]);
    assert!(all[2].error.is_some() && !all[2].success, "{:?}", all[2]);
    assert!(all[3].success, "{:?}", all[3]);
}

#[tokio::test]
async fn a_template_without_end_is_an_error() {
    let config = "prompts: ['{% for a in range(100000) %}{% for b in range(100000) %}{{a}}{% endfor %}{% endfor %}']\nproviders: [echo]";
    let all = verdicts(&[("promptfooconfig.yaml", config)]).await;
    assert!(all[0].error.is_some() && !all[0].success, "{:?}", all[0]);
}

#[tokio::test]
async fn elements_inside_each_other_without_end_are_no_xml() {
    let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    let test = |levels: usize, kind: &str| {
        format!(
            "  - {{vars: {{x: '{}'}}, assert: [{{type: {kind}, value: a}}]}}\n",
            nested(levels)
        )
    };
    // promptfoo's parser takes 101 levels.
    let config = with(&format!(
        "tests:\n{}{}{}{}",
        test(101, "is-xml"),
        test(102, "is-xml"),
        test(102, "contains-xml"),
        test(50_000, "contains-xml")
    ));
    let all = verdicts(&[("promptfooconfig.yaml", &config)]).await;
    let passed: Vec<bool> = all.iter().map(|verdict| verdict.success).collect();
    assert_eq!(passed, [true, false, false, false]);
    assert!(all.iter().all(|verdict| verdict.error.is_none()), "{:?}", all[3]);
}

#[tokio::test]
async fn bounds_of_a_word_count_that_are_texts_are_not_passed_over() {
    let config = with(
        "tests:\n  - {vars: {x: one two}, assert: [{type: word-count, value: {min: '3', max: 10}}]}\n  - {vars: {x: one two}, assert: [{type: word-count, value: {min: '2', max: '2'}}]}\n  - {vars: {x: one two}, assert: [{type: word-count, value: {min: many}}]}\n  - {vars: {x: one two}, assert: [{type: word-count, value: {min: many, max: 10}}]}",
    );
    let all = verdicts(&[("promptfooconfig.yaml", &config)]).await;
    let said: Vec<(bool, bool)> = all
        .iter()
        .map(|verdict| (verdict.success, verdict.error.is_some()))
        .collect();
    assert_eq!(
        said,
        [(false, false), (true, false), (false, false), (false, true)]
    );
}

#[tokio::test]
async fn what_is_not_supported_is_an_error_and_listed_beforehand() {
    let kinds = [
        "is-sql",
        "not-is-sql",
        "contains-sql",
        "meteor",
        "ruby",
        "is-html",
        "moderation",
        "classifier",
        "pi",
        "select-best",
        "max-score",
        "human",
        "trajectory:tool-used",
        "trace-span-count",
        "skill-used",
        "no-such-type",
    ];
    let tests: Vec<String> = kinds
        .iter()
        .map(|kind| format!("  - {{vars: {{x: y}}, assert: [{{type: contains, value: y}}, {{type: '{kind}', value: a, weight: 0}}]}}"))
        .collect();
    let config = with(&format!("tests:\n{}", tests.join("\n")));
    let files = [("promptfooconfig.yaml", config.as_str())];
    for (kind, verdict) in kinds.iter().zip(verdicts(&files).await) {
        assert!(!verdict.success && verdict.error.is_some(), "{kind}: {verdict:?}");
        assert!(
            verdict.reason.contains(kind.trim_start_matches("not-")),
            "{kind}: {}",
            verdict.reason
        );
    }
    let folder = folder(&files);
    let listed = read(folder.path()).unwrap().check().unwrap();
    for (at, kind) in kinds.iter().enumerate() {
        let found = listed
            .iter()
            .find(|found| found.what.contains(&format!("`{kind}`")));
        assert_eq!(
            found.map(|found| found.place.as_str()),
            Some(format!("tests[{at}].assert[1]").as_str()),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_provider_that_does_not_run_here_is_an_error_and_listed() {
    let config =
        "prompts: [hello]\nproviders: ['golang:main.go', 'bedrock:x', echo]\ntests: [{vars: {x: y}}]";
    let all = verdicts(&[("promptfooconfig.yaml", config)]).await;
    assert!(matches!(all[0].error, Some(Fault::Unsupported(_))));
    assert!(matches!(all[1].error, Some(Fault::Unsupported(_))));
    assert!(all[2].success);
    let folder = folder(&[("promptfooconfig.yaml", config)]);
    let places: Vec<String> = read(folder.path())
        .unwrap()
        .unsupported
        .into_iter()
        .map(|found| found.place)
        .collect();
    assert_eq!(places, ["providers[0]", "providers[1]"]);
}

#[test]
fn what_node_would_give_a_script_is_not_given() {
    let config = with(
        "tests: [{vars: {x: y}, assert: [{type: javascript, value: \"require('fs').existsSync('/')\"}]}]",
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let all = runtime.block_on(verdicts(&[("promptfooconfig.yaml", &config)]));
    assert!(all[0].reason.contains("`require`"), "{:?}", all[0]);
    assert!(all[0].error.is_some());
}

#[test]
fn rows_are_read_one_by_one_and_a_bad_one_is_named() {
    let mut rows = "x,__expected\n".to_owned();
    for row in 0..50_000 {
        rows += &format!("value {row},contains:{row}\n");
    }
    let config = with("tests: file://rows.csv");
    let good = folder(&[("promptfooconfig.yaml", &config), ("rows.csv", &rows)]);
    let loaded = read(good.path()).unwrap();
    assert_eq!(loaded.cases().count(), 50_000);
    let tenth = loaded.cases().nth(9).unwrap().unwrap();
    assert_eq!((tenth.index, &*tenth.place), (9, "rows.csv:11"));
    rows += "one,two,three\n";
    let text = refusal(&[("promptfooconfig.yaml", &config), ("rows.csv", &rows)]);
    assert!(text.contains("rows.csv:50002"), "{text}");
    for (open, line) in [
        ("x,__expected\na,\"contains:a\nb,contains:b\n", 2),
        ("x,y\na,b\n\"c,d\n", 3),
    ] {
        let text = refusal(&[("promptfooconfig.yaml", &config), ("rows.csv", open)]);
        assert!(
            text.contains(&format!("rows.csv:{line}")) && text.contains("never closed"),
            "{text}"
        );
    }
}

#[test]
fn options_of_the_command_line_go_first_and_what_is_ignored_is_said() {
    let config = with(
        "evaluateOptions: {repeat: 2, maxConcurrency: 3, timeoutMs: 1000}\ncommandLineOptions: {repeat: 5, filterSample: 2}\ntests: [{vars: {x: y}}]",
    );
    let folder = folder(&[("promptfooconfig.yaml", &config)]);
    let loaded = read(folder.path()).unwrap();
    assert_eq!((loaded.repeat, loaded.max_concurrency), (5, 3));
    let said: Vec<&str> = loaded
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("timeoutMs") && said[1].contains("filterSample"),
        "{said:?}"
    );
}

#[test]
fn a_folder_with_brackets_in_its_name_is_no_pattern() {
    let config = with("tests: ['tests-*.yaml']");
    let folder = folder(&[
        ("app [old]/promptfooconfig.yaml", &config),
        ("app [old]/tests-1.yaml", "- {vars: {x: y}}"),
    ]);
    let loaded = read(&folder.path().join("app [old]")).unwrap();
    assert_eq!(loaded.cases().count(), 1);
}

#[test]
fn a_test_that_asks_for_endless_repeats_is_an_error() {
    for config in [
        with("tests: [{vars: {x: y}, options: {repeat: 4000000000}}]"),
        with("evaluateOptions: {repeat: 4000000000}\ntests: [{vars: {x: y}}]"),
    ] {
        let folder = folder(&[("promptfooconfig.yaml", &config)]);
        let cases: Vec<_> = read(folder.path()).unwrap().cases().map(Result::unwrap).collect();
        assert_eq!(cases.len(), 1);
        let fault = cases[0].fault.as_ref().unwrap().to_string();
        assert!(fault.contains("repeat: 4000000000"), "{fault}");
    }
}

#[test]
fn tests_that_keep_outputs_run_one_after_another_wherever_they_stand() {
    let keeps = "- {vars: {x: y}, options: {storeOutputAs: kept}}\n- {vars: {x: '{{kept}}'}}\n";
    for (config, serial) in [
        (with("tests: file://tests.yaml"), true),
        (with("tests: [{$ref: 'tests.yaml#/0'}, {vars: {x: z}}]"), true),
        (with("defaultTest: {options: {storeOutputAs: kept}}"), true),
        (with("tests: [{vars: {x: y}}]"), false),
    ] {
        let folder = folder(&[("promptfooconfig.yaml", &config), ("tests.yaml", keeps)]);
        let loaded = read(folder.path()).unwrap();
        assert_eq!(
            (loaded.serial, loaded.max_concurrency == 1),
            (serial, serial),
            "{config}"
        );
    }
}

#[test]
fn variables_with_too_many_combinations_are_an_error() {
    let list = format!("[{}]", vec!["'a'"; 100].join(", "));
    let config = with(&format!("tests: [{{vars: {{x: {list}, y: {list}, z: {list}}}}}]"));
    let folder = folder(&[("promptfooconfig.yaml", &config)]);
    let case = read(folder.path()).unwrap().cases().next().unwrap().unwrap();
    assert!(case.fault.unwrap().to_string().contains("combinations"));
}

#[tokio::test]
async fn every_test_of_a_configuration_with_hooks_is_an_error_that_names_them() {
    let config = with(
        "extensions: ['file://hooks.js:change']\ntests:\n  - {vars: {x: a}, assert: [{type: equals, value: a, weight: 0}]}\n  - {vars: {x: b}, options: {transformVars: '{y: 1}'}}",
    );
    let files = [
        ("promptfooconfig.yaml", config.as_str()),
        ("hooks.js", "module.exports = { change: () => {} };"),
    ];
    let all = verdicts(&files).await;
    assert_eq!(all.len(), 2);
    for verdict in all {
        assert!(!verdict.success, "{verdict:?}");
        assert!(
            matches!(&verdict.error, Some(Fault::Unsupported(what)) if what.contains("file://hooks.js:change")),
            "{verdict:?}"
        );
    }
    let folder = folder(&files);
    let found = read(folder.path()).unwrap().check().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].place, "extensions");
    let none = with("extensions: []\ntests: [{vars: {x: a}}]");
    assert!(verdicts(&[("promptfooconfig.yaml", &none)]).await[0].success);
}
