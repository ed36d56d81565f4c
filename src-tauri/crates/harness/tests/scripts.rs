//! Scripts: what they give back, and what ends those that would not end.

use harness::script::{
    Export, Limits, Program, ScriptError,
    javascript::run_here,
    python::{self, Source},
    run,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};

const SHORT: Limits = Limits {
    time: Duration::from_millis(300),
    memory: 32 * 1024 * 1024,
};

fn body(parameters: &'static str, body: &'static str) -> Program {
    Program::body(parameters, body)
}

fn export(source: &str, name: Option<&str>) -> Program {
    Program::Export(Export {
        file: "file.js".into(),
        source: source.into(),
        name: name.map(Into::into),
    })
}

#[test]
fn javascript_gets_json_and_gives_json() {
    let program = body(
        "output,context",
        "return { upper: output.toUpperCase(), n: context.vars.n + 1 };",
    );
    let returned = run_here(&program, &[json!("hi"), json!({"vars": {"n": 1}})], SHORT).unwrap();
    assert_eq!(returned.kind, "object");
    assert_eq!(returned.value, json!({"upper": "HI", "n": 2}));
}

#[test]
fn a_promise_is_waited_for() {
    let returned = run_here(
        &body("x", "return Promise.resolve(x).then(x => x * 2)"),
        &[json!(21)],
        SHORT,
    )
    .unwrap();
    assert_eq!(returned.value, json!(42));
}

#[test]
fn nan_and_undefined_are_told_apart_from_null() {
    assert!(
        run_here(&body("", "return NaN"), &[], SHORT)
            .unwrap()
            .number()
            .unwrap()
            .is_nan()
    );
    assert_eq!(
        run_here(&body("", "return"), &[], SHORT).unwrap().kind,
        "undefined"
    );
    assert_eq!(
        run_here(&body("", "return null"), &[], SHORT).unwrap().kind,
        "null"
    );
}

#[test]
fn an_endless_script_is_stopped_and_the_next_one_runs() {
    let endless = run_here(&body("", "while (true) {}"), &[], SHORT);
    assert_eq!(endless, Err(ScriptError::Time(SHORT.time)));
    assert_eq!(
        run_here(&body("", "return 1"), &[], SHORT).unwrap().value,
        json!(1)
    );
}

#[test]
fn a_script_that_catches_its_interruption_is_stopped_all_the_same() {
    let stubborn = run_here(
        &body("", "for (;;) { try { for (;;) {} } catch (e) {} }"),
        &[],
        SHORT,
    );
    assert_eq!(stubborn, Err(ScriptError::Time(SHORT.time)));
}

#[test]
fn a_script_that_allocates_without_end_is_stopped_and_the_next_one_runs() {
    let greedy = run_here(
        &body(
            "",
            "const kept = []; while (true) kept.push(new Array(10000).fill(1));",
        ),
        &[],
        Limits {
            time: Duration::from_secs(20),
            ..SHORT
        },
    );
    assert_eq!(greedy, Err(ScriptError::Memory(SHORT.memory)));
    assert_eq!(
        run_here(&body("", "return 1"), &[], SHORT).unwrap().value,
        json!(1)
    );
}

#[test]
fn endless_recursion_is_an_error_of_the_script() {
    let deep = run_here(&body("", "const f = () => f() + 1; return f();"), &[], SHORT);
    assert!(matches!(deep, Err(ScriptError::Threw(_))), "{deep:?}");
}

#[test]
fn what_scripts_do_not_have_is_named() {
    let asked = run_here(
        &body("", "return require('fs').readFileSync('/etc/passwd')"),
        &[],
        SHORT,
    );
    assert_eq!(asked, Err(ScriptError::Unsupported("`require`".into())));
    let asked = run_here(&body("", "return process.mainModule.require('fs')"), &[], SHORT);
    assert_eq!(asked, Err(ScriptError::Unsupported("`require`".into())));
    let asked = run_here(&body("", "return fetch('http://127.0.0.1')"), &[], SHORT);
    assert_eq!(asked, Err(ScriptError::Unsupported("`fetch`".into())));
}

#[test]
fn files_export_in_both_ways() {
    for (source, name) in [
        ("module.exports = (x) => x + 1", None),
        ("module.exports = { add: (x) => x + 1 }", Some("add")),
        ("export default (x) => x + 1", None),
        ("export function add(x) { return x + 1 }", Some("add")),
        ("export default { add: (x) => x + 1 }", Some("add")),
        ("module.exports = async (x) => x + 1", None),
    ] {
        let returned = run_here(&export(source, name), &[json!(1)], SHORT);
        assert_eq!(returned.unwrap().value, json!(2), "{source}");
    }
}

#[test]
fn a_file_that_needs_a_module_is_named_unsupported() {
    let asked = run_here(
        &export("import fs from 'fs';\nexport default () => 1", None),
        &[],
        SHORT,
    );
    assert_eq!(asked, Err(ScriptError::Unsupported("`import`".into())));
    let asked = run_here(
        &export("const fs = require('fs');\nmodule.exports = () => 1", None),
        &[],
        SHORT,
    );
    assert_eq!(asked, Err(ScriptError::Unsupported("`require`".into())));
}

#[tokio::test]
async fn endless_scripts_do_not_hold_up_the_thread_that_asks() {
    let endless = run(body("", "while (true) {}"), vec![], SHORT);
    let quick = run(body("", "return 1"), vec![], SHORT);
    let (endless, quick) = tokio::join!(endless, quick);
    assert_eq!(endless, Err(ScriptError::Time(SHORT.time)));
    assert_eq!(quick.unwrap().value, json!(1));
}

#[test]
fn ten_thousand_small_scripts_are_cheap() {
    let program = body(
        "output,context",
        "return output.length > 3 && context.vars.a === 'b'",
    );
    let arguments = [json!("hello"), json!({"vars": {"a": "b"}})];
    let begun = std::time::Instant::now();
    for _ in 0..10_000 {
        assert_eq!(run_here(&program, &arguments, SHORT).unwrap().value, json!(true));
    }
    // 0.1 s on the machine where this was written; the limit only catches an engine made anew for each call.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

async fn python(code: &str, arguments: &[Value], limits: Limits) -> Result<Value, ScriptError> {
    let source = Source::Code(code.into());
    python::run(
        &source,
        "main",
        arguments,
        Path::new("."),
        &BTreeMap::new(),
        limits,
    )
    .await
}

const PYTHON: Limits = Limits {
    time: Duration::from_secs(10),
    memory: 512 * 1024 * 1024,
};

#[tokio::test]
async fn python_gets_json_and_gives_json_and_may_print() {
    let code = "def main(output, context):\n    print('noise')\n    return {'n': len(output) + context['k']}";
    let value = python(code, &[json!("héé"), json!({"k": 1})], PYTHON).await;
    assert_eq!(value, Ok(json!({"n": 4})));
}

#[tokio::test]
async fn python_that_throws_says_what() {
    let threw = python("def main():\n    raise ValueError('no')", &[], PYTHON).await;
    assert_eq!(threw, Err(ScriptError::Threw("ValueError: no".into())));
}

#[tokio::test]
async fn endless_python_and_its_children_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("child");
    let code = format!(
        "import subprocess, time\ndef main():\n    child = subprocess.Popen(['sleep', '60'])\n    open({:?}, 'w').write(str(child.pid))\n    time.sleep(60)",
        file.display().to_string()
    );
    let limits = Limits {
        time: Duration::from_secs(3),
        ..PYTHON
    };
    assert_eq!(
        python(&code, &[], limits).await,
        Err(ScriptError::Time(limits.time))
    );
    let child = std::fs::read_to_string(&file).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let status = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    assert!(
        status.is_empty() || status.contains(") Z "),
        "the child still lives: {status}"
    );
}

#[tokio::test]
async fn python_that_allocates_without_end_is_stopped() {
    let greedy = python("def main():\n    return len(bytearray(4 * 1024**3))", &[], PYTHON).await;
    assert_eq!(greedy, Err(ScriptError::Memory(PYTHON.memory)));
}
