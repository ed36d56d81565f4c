//! The files for CI engines: shape, safety, and (long tier) the published schemas.
#![allow(clippy::unwrap_used, missing_docs)]

use export::ci::{CiError, CiFile, CiKind, CiRequest, files};
use portfolio::Templates;
use proptest::prelude::*;
use serde_json::Value;
use std::{path::Path, process::Command};

fn request(kind: CiKind, shards: u32) -> CiRequest {
    CiRequest {
        kinds: vec![kind],
        suite: "evals/golden.yaml".into(),
        shards,
        repository: "https://example.org/playbook/playbook.git".into(),
        revision: Some("v0.1.0".into()),
        secrets: vec!["OPENAI_API_KEY".into(), "ANTHROPIC_API_KEY".into()],
        project_repository: Some("https://example.org/learner/support.git".into()),
        project_revision: None,
    }
}

fn made(request: &CiRequest) -> Vec<CiFile> {
    files(request, &Templates::shipped()).unwrap()
}

fn one(kind: CiKind, shards: u32) -> CiFile {
    made(&request(kind, shards)).remove(0)
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The shell texts of a GitHub job, one after the other.
fn steps(job: &Value) -> String {
    let steps = job["steps"].as_array().unwrap();
    steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn bash_reads(script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.sh");
    std::fs::write(&path, script).unwrap();
    let output = Command::new("bash").arg("-n").arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{script}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn github_runs_the_suite_in_one_job() {
    let file = one(CiKind::GithubActions, 1);
    insta::assert_snapshot!(file.content);
    assert_eq!(file.path, ".github/workflows/playbook.yml");
    let workflow = yaml(&file.content);
    assert_eq!(workflow["env"]["SUITE"], "evals/golden.yaml");
    assert_eq!(workflow["permissions"]["contents"], "read");
    let job = &workflow["jobs"]["eval"];
    assert_eq!(job["env"]["OPENAI_API_KEY"], "${{ secrets.OPENAI_API_KEY }}");
    let script = steps(job);
    bash_reads(&script);
    for said in [
        "cargo +stable install --locked",
        "--trust",
        "--junit",
        "--markdown",
        "$GITHUB_STEP_SUMMARY",
    ] {
        assert!(script.contains(said), "{said}");
    }
    assert!(
        !script.contains("${{"),
        "an expression inside a script can be injected into"
    );
}

#[test]
fn github_shards_by_a_matrix_and_judges_the_merged_run() {
    let file = one(CiKind::GithubActions, 4);
    insta::assert_snapshot!(file.content);
    let jobs = &yaml(&file.content)["jobs"];
    assert_eq!(
        jobs["shard"]["strategy"]["matrix"]["shard"],
        serde_json::json!([1, 2, 3, 4])
    );
    assert_eq!(jobs["merge"]["needs"], serde_json::json!(["install", "shard"]));
    assert!(jobs["merge"].get("env").is_none(), "merging needs no secret");
    for name in ["install", "shard", "merge"] {
        bash_reads(&steps(&jobs[name]));
    }
    assert!(steps(&jobs["shard"]).contains("--shard \"$SHARD/$SHARDS\""));
    assert!(steps(&jobs["merge"]).contains("merge .playbook-ci/shards/*.db --db .playbook-ci/merged.db"));
}

#[test]
fn gitlab_runs_in_parallel_and_reports_junit() {
    for shards in [1, 4] {
        let made = made(&request(CiKind::GitlabCi, shards));
        let paths: Vec<&str> = made.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".gitlab/playbook.yml", ".gitlab-ci.yml"]);
        insta::assert_snapshot!(format!("gitlab_{shards}"), made[0].content);
        let jobs = yaml(&made[0].content);
        assert_eq!(
            jobs["playbook"]["artifacts"]["reports"]["junit"],
            ".playbook-ci/reports/junit.xml"
        );
        assert_eq!(
            jobs.get("playbook-shard").map(|job| &job["parallel"]),
            (shards > 1).then(|| Value::from(shards)).as_ref()
        );
        for job in [".playbook", "playbook", "playbook-shard"] {
            for part in ["before_script", "script"] {
                let lines = jobs
                    .get(job)
                    .and_then(|job| job[part].as_array())
                    .cloned()
                    .unwrap_or_default();
                let script: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
                bash_reads(&script.join("\n"));
            }
        }
        assert_eq!(
            yaml(&made[1].content)["include"][0]["local"],
            ".gitlab/playbook.yml"
        );
    }
}

#[test]
fn slurm_has_a_script_that_bash_reads() {
    for shards in [1, 4] {
        let file = one(CiKind::Slurm, shards);
        bash_reads(&file.content);
        assert!(file.content.contains("--array=\"1-$shards\"") && file.content.contains("--shard auto"));
    }
    insta::assert_snapshot!(one(CiKind::Slurm, 4).content);
}

#[test]
fn kubernetes_has_an_indexed_job_and_a_merge_that_waits() {
    let file = one(CiKind::Kubernetes, 4);
    insta::assert_snapshot!(file.content);
    let found = documents(&file.content);
    let kinds: Vec<&str> = found
        .iter()
        .map(|document| document["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["ConfigMap", "PersistentVolumeClaim", "Job", "Job"]);
    let shards = &found[2]["spec"];
    assert_eq!(
        (&shards["completionMode"], &shards["completions"]),
        (&"Indexed".into(), &4.into())
    );
    assert_eq!(found[3]["spec"]["suspend"], true);
    for name in ["prepare.sh", "shard.sh", "merge.sh"] {
        bash_reads(found[0]["data"][name].as_str().unwrap());
    }
    let container = &shards["template"]["spec"]["containers"][0];
    assert_eq!(
        container["env"][0]["valueFrom"]["secretKeyRef"]["key"],
        "OPENAI_API_KEY"
    );
    assert_eq!(container["command"][1], "/scripts/shard.sh");
}

#[test]
fn without_secrets_and_revision_the_files_still_stand() {
    for kind in CiKind::ALL {
        for shards in [1, 3] {
            let request = CiRequest {
                revision: None,
                secrets: Vec::new(),
                ..request(kind, shards)
            };
            for file in made(&request) {
                assert!(!file.content.contains("API_KEY"), "{}", file.content);
                if kind == CiKind::Slurm {
                    bash_reads(&file.content);
                } else {
                    documents(&file.content);
                }
            }
        }
    }
}

#[test]
fn what_could_break_out_is_refused_with_the_reason() {
    let refused = |change: fn(&mut CiRequest)| {
        let mut request = request(CiKind::Kubernetes, 4);
        change(&mut request);
        files(&request, &Templates::shipped()).unwrap_err().to_string()
    };
    assert!(refused(|r| r.suite = "a\nb".into()).contains("holds '\\n'"));
    assert!(refused(|r| r.suite = "${{ github.token }}".into()).contains("holds '$'"));
    assert!(refused(|r| r.suite = "../other/suite.yaml".into()).contains("inside of it"));
    assert!(refused(|r| r.suite = "--db=x".into()).contains("option"));
    assert!(refused(|r| r.repository = "git@example.org:a/b".into()).contains("https://"));
    assert!(refused(|r| r.revision = Some("`id`".into())).contains("revision"));
    assert!(refused(|r| r.shards = 0).contains("1 to 1000"));
    assert!(refused(|r| r.project_repository = None).contains("fetch the project"));
    for (text, hidden) in [
        (
            refused(|r| r.repository = "https://u:hunter2@example.org/a".into()),
            "hunter2",
        ),
        (refused(|r| r.secrets = vec!["sk-12345".into()]), "sk-12345"),
    ] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert!(matches!(
        files(
            &CiRequest {
                kinds: Vec::new(),
                ..request(CiKind::Slurm, 1)
            },
            &Templates::shipped()
        ),
        Err(CiError::NoKind)
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_suite_is_refused_or_arrives_as_it_was(suite in "[ -~é]{1,24}") {
        for kind in CiKind::ALL {
            let request = CiRequest { suite: suite.clone(), ..request(kind, 2) };
            let Ok(made) = files(&request, &Templates::shipped()) else { continue };
            let text = &made[0].content;
            let arrived = match kind {
                CiKind::GithubActions => yaml(text)["env"]["SUITE"].clone(),
                CiKind::GitlabCi => yaml(text)[".playbook"]["variables"]["SUITE"].clone(),
                CiKind::Kubernetes => documents(text)[0]["data"]["SUITE"].clone(),
                CiKind::Slurm => {
                    let line = text.lines().find(|line| line.starts_with("suite=")).unwrap();
                    let output = Command::new("bash").args(["-c", &format!("{line}; printf %s \"$suite\"")]).output().unwrap();
                    Value::from(String::from_utf8(output.stdout).unwrap())
                }
            };
            prop_assert_eq!(arrived.as_str(), Some(suite.as_str()));
        }
    }
}

/// Long tier: needs the network once (pip). `tests/ci/schemas.sh` says which schemas.
#[test]
#[ignore = "long tier: installs validators from PyPI"]
fn the_files_are_valid_against_the_published_schemas() {
    let folder = tempfile::tempdir().unwrap();
    for kind in [CiKind::GithubActions, CiKind::GitlabCi, CiKind::Kubernetes] {
        for shards in [1, 4] {
            for file in made(&request(kind, shards)) {
                let name = Path::new(&file.path)
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .trim_start_matches('.');
                let path = folder.path().join(format!("{}-{shards}-{name}", kind.as_str()));
                std::fs::write(path, file.content).unwrap();
            }
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/ci/schemas.sh");
    let status = Command::new("bash")
        .arg(script)
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
}
