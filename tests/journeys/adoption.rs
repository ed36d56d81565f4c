//! Projects of other people's making, as the window adopts them.

use crate::support::{Desk, ask};
use api::{
    Code,
    wire::adoption::{AdoptRequest, InspectRequest, Inspection, PortWay, ServiceSpec, TryRequest, TypedCase},
};
use playbook_tests::{copy_folder, fingerprints, node_modules, python_environment, root};
use std::{os::unix::fs::symlink, path::PathBuf, time::Duration};

async fn inspected(desk: &Desk, folder: &std::path::Path) -> Inspection {
    desk.playbook
        .inspect_folder(InspectRequest {
            folder: folder.display().to_string(),
        })
        .await
        .unwrap()
}

/// Takes the first proposals as they are.
fn proposed(inspection: &Inspection) -> ServiceSpec {
    let (start, request) = (&inspection.starts[0], &inspection.requests[0]);
    ServiceSpec {
        command: start.command.clone(),
        port: start.port.clone(),
        health: inspection.health.clone(),
        method: request.method.clone(),
        path: request.path.clone(),
        question_field: request.question_field.clone(),
    }
}

/// Adopts a service with nothing but its proposals, and measures it.
async fn adopts(
    desk: &Desk,
    name: &str,
    link: (&str, PathBuf),
    question: &str,
    expected: &str,
    answer: &str,
) {
    let folder = desk.sandbox.path(name);
    copy_folder(&root().join("tests/fixtures").join(name), &folder);
    symlink(link.1, folder.join(link.0)).unwrap();
    let before = fingerprints(&folder);
    let service = proposed(&inspected(desk, &folder).await);
    let mut request = TryRequest {
        folder: folder.display().to_string(),
        service: service.clone(),
        question: question.into(),
        trusted: false,
    };
    let untrusted = desk.playbook.try_request(request.clone()).await.unwrap_err();
    assert_eq!(untrusted.code, Code::Untrusted);
    request.trusted = true;
    let response = desk.playbook.try_request(request).await.unwrap();
    assert_eq!(
        (response.status, response.proposed.answer.as_deref()),
        (200, Some(answer))
    );
    assert!(
        response
            .values
            .iter()
            .any(|value| value.pointer == answer && value.preview.contains(expected))
    );
    assert_eq!(fingerprints(&folder), before);

    let case = |question: &str, expected: &str| TypedCase {
        question: question.into(),
        expected: expected.into(),
        category: String::new(),
    };
    let adopted = desk
        .playbook
        .adopt_project(AdoptRequest {
            folder: folder.display().to_string(),
            service,
            mapping: response.proposed,
            cases: vec![
                case(question, expected),
                case("What is the capital of Peru?", ""),
                case(" ", ""),
            ],
            trusted: true,
        })
        .await
        .unwrap();
    let mut after = fingerprints(&folder);
    for file in &adopted.files {
        assert!(after.remove(file).is_some());
    }
    assert_eq!(after, before);
    let run = desk.run(ask(adopted.project)).await.summary;
    assert_eq!(
        (run.cases, run.passed, run.practice, run.own_cases),
        (2, 2, false, 2)
    );
    assert!(run.target_changed && run.starter.is_none());
}

/// A FastAPI service is understood by its proposals alone: command, path, field and health.
#[tokio::test(flavor = "multi_thread")]
async fn a_python_service_is_adopted_by_its_proposals() {
    let desk = Desk::new();
    let link = (".venv", python_environment());
    adopts(
        &desk,
        "python-service",
        link,
        "When is it open?",
        "closed on Mondays",
        "/result/reply",
    )
    .await;
}

/// So is an Express service.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_service_is_adopted_by_its_proposals() {
    let desk = Desk::new();
    let link = ("node_modules", node_modules());
    adopts(
        &desk,
        "node-service",
        link,
        "When do I plant a tomato?",
        "after the last frost",
        "/answer",
    )
    .await;
}

/// What is proposed for the services that people have.
#[tokio::test(flavor = "multi_thread")]
async fn proposals_fit_what_the_folder_says() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("app");
    let propose = async |files: &[(&str, &str)]| {
        let _ = std::fs::remove_dir_all(&folder);
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        inspected(&desk, &folder).await
    };
    let flask = "from flask import Flask, request\napp = Flask(__name__)\n\n@app.route('/ask', methods=['POST'])\ndef ask():\n    return {'answer': request.json['message']}\n";
    let flask = propose(&[("app.py", flask)]).await;
    assert_eq!(
        flask.starts[0].command,
        "python3 -m flask --app app:app run --port {port}"
    );
    assert_eq!(
        (flask.starts[0].port.clone(), flask.health.as_str()),
        (PortWay::Argument, "/")
    );
    let request = &flask.requests[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/ask"));
    assert_eq!(
        (request.question_field.as_deref(), request.reason.as_str()),
        (Some("message"), "app.py line 4")
    );

    let fixed = "const http = require('http');\nhttp.createServer((q, r) => r.end()).listen(4321);\n";
    let fixed = propose(&[("index.js", fixed)]).await;
    assert_eq!(fixed.starts[0].port, PortWay::Fixed { port: 4321 });

    let get = "const app = require('express')();\napp.get('/search', (q, r) => r.json({ hits: [q.query.q] }));\napp.get('/healthz', f);\napp.listen(process.env.APP_PORT);\n";
    let get = propose(&[("src/server.js", get)]).await;
    assert_eq!(get.starts[0].command, "node src/server.js");
    assert_eq!(
        get.starts[0].port,
        PortWay::Environment {
            name: "APP_PORT".into()
        }
    );
    assert_eq!(
        (get.requests[0].path.as_str(), get.health.as_str()),
        ("/search?q={{question}}", "/healthz")
    );

    let nothing = propose(&[("notes.txt", "nothing here")]).await;
    assert!(nothing.starts.is_empty() && nothing.requests.is_empty() && nothing.existing_suite.is_none());
    let suite = propose(&[("suite.yaml", "version: 1")]).await;
    assert_eq!(suite.existing_suite.as_deref(), Some("suite.yaml"));
}

/// Closing the window stops a program that is only tried, as it stops a run.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_tried_is_stopped_with_everything_else() {
    let desk = Desk::new();
    let folder = desk.sandbox.path("silent");
    std::fs::create_dir_all(&folder).unwrap();
    let request = TryRequest {
        folder: folder.display().to_string(),
        service: ServiceSpec {
            command: "sh -c 'echo $$ > part; mv part pid; exec sleep 50'".into(),
            port: PortWay::Environment { name: "PORT".into() },
            health: "/".into(),
            method: "GET".into(),
            path: "/".into(),
            question_field: None,
        },
        question: "Are you there?".into(),
        trusted: true,
    };
    let pid = folder.join("pid");
    let closing = async {
        while !pid.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(desk.playbook.tries(), 1);
        desk.playbook.stop_all().await;
    };
    let (tried, ()) = tokio::join!(desk.playbook.try_request(request), closing);
    assert_eq!(tried.unwrap_err().code, Code::Target);
    assert_eq!(desk.playbook.tries(), 0);
    let process = PathBuf::from("/proc").join(std::fs::read_to_string(&pid).unwrap().trim());
    let gone = async {
        while process.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
}
