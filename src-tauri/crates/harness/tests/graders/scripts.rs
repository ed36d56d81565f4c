//! Own rules in JavaScript and Python.

use super::{answer, case, refused};
use harness::{
    Grade,
    grader::{Graded, Grader, Undecided},
};
use serde_json::{Value, json};
use std::path::Path;

async fn said(keys: Value, folder: &Path) -> (Grade, Option<String>) {
    let mut file = json!({ "name": "own", "type": "script" });
    file.as_object_mut()
        .unwrap()
        .extend(keys.as_object().unwrap().clone());
    let grader = Grader::build(serde_json::from_value(file).unwrap(), folder).unwrap();
    let (facts, said) = (case(json!({ "limit": 5 })), answer("hello"));
    let graded = Graded {
        case: &facts,
        answer: &said,
        latency_ms: 1.0,
        cost: None,
    };
    grader.grade_with_models(&graded, None).await.unwrap()
}

/// H4: own rules in JavaScript and Python.
#[tokio::test]
async fn a_script_gives_a_truth_value_a_score_or_both() {
    let here = Path::new(".");
    for (language, code, passed, score, reason) in [
        (
            "javascript",
            "output.length <= context.case.limit",
            true,
            1.0,
            "passes",
        ),
        (
            "javascript",
            "output.length < context.case.limit;",
            false,
            0.0,
            "fails",
        ),
        (
            "javascript",
            "const n = output.length;\nreturn n / 10;",
            false,
            0.5,
            "needs 1",
        ),
        (
            "javascript",
            "({ pass: true, score: 0.25, reason: context.answer.text })",
            true,
            0.25,
            "hello",
        ),
        (
            "python",
            "def grade(output, context):\n    return len(output) <= context['case']['limit']\n",
            true,
            1.0,
            "passes",
        ),
        (
            "python",
            "def grade(output, context):\n    return {'score': 0.25, 'reason': context['id']}\n",
            false,
            0.25,
            "c",
        ),
    ] {
        let (grade, failure) = said(json!({ "language": language, "code": code }), here).await;
        assert_eq!(grade.undecided, None, "{code}: {}", grade.reason);
        assert_eq!((grade.passed, grade.score), (passed, score), "{code}");
        assert!(grade.reason.contains(reason), "{code}: {}", grade.reason);
        assert_eq!(failure.is_none(), passed);
    }
    let half = json!({ "language": "javascript", "code": "0.5", "at_least": 0.5 });
    assert!(said(half, here).await.0.passed);
}

#[tokio::test]
async fn a_script_that_gives_no_verdict_decides_nothing() {
    let here = Path::new(".");
    for (keys, reason) in [
        (
            json!({ "language": "javascript", "code": "'yes'" }),
            "expected true or false",
        ),
        (json!({ "language": "javascript", "code": "7" }), "score 7"),
        (json!({ "language": "javascript", "code": "({})" }), "neither"),
        (
            json!({ "language": "javascript", "code": "nothing.there" }),
            "nothing",
        ),
        (
            json!({ "language": "javascript", "code": "while (true) {} return 1", "time_limit": "200ms" }),
            "longer than 0.2 s",
        ),
        (
            json!({ "language": "javascript", "memory_limit_mib": 16,
                "code": "const all = [];\nfor (;;) all.push(new Array(10000).fill(1));\nreturn 1" }),
            "memory",
        ),
        (
            json!({ "language": "python", "code": "def other(output, context):\n    return 1\n" }),
            "grade",
        ),
        (
            json!({ "language": "python", "code": "import time\ndef grade(output, context):\n    time.sleep(60)\n",
                "time_limit": "500ms" }),
            "longer than 0.5 s",
        ),
    ] {
        let (grade, failure) = said(keys.clone(), here).await;
        assert_eq!(grade.undecided, Some(Undecided::ScriptFailed), "{keys}");
        assert_eq!(failure.as_deref(), Some("script failed"));
        assert!(grade.reason.contains(reason), "{keys}: {}", grade.reason);
    }
}

#[tokio::test]
async fn a_script_file_is_part_of_the_ruler() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "rule.js",
        "module.exports = (output, context) => output === 'hello';",
    );
    write("rule.py", "def check(output, context):\n    return 1.0\n");
    let javascript = json!({ "language": "javascript", "file": "rule.js" });
    assert!(said(javascript.clone(), folder.path()).await.0.passed);
    let python = json!({ "language": "python", "file": "rule.py", "function": "check" });
    assert!(said(python, folder.path()).await.0.passed);

    let build = |file: &str, language: &str| {
        let file = json!({ "name": "own", "type": "script", "language": language, "file": file });
        Grader::build(serde_json::from_value(file).unwrap(), folder.path())
    };
    let first = build("rule.js", "javascript").unwrap();
    assert_eq!(first.inputs[0].path, "rule.js");
    write("rule.js", "module.exports = () => true;");
    assert_ne!(
        first.inputs,
        build("rule.js", "javascript").unwrap().inputs,
        "a script that changed is another ruler"
    );
    assert!(!first.runs_program());
    assert!(build("rule.py", "python").unwrap().runs_program());
    assert!(
        build("../rule.js", "javascript")
            .unwrap_err()
            .contains("leaves the project folder")
    );
    assert!(
        build("absent.js", "javascript")
            .unwrap_err()
            .contains("cannot be read")
    );
    let neither = json!({ "name": "own", "type": "script", "language": "python" });
    assert!(refused(neither).contains("exactly one"));
}
