//! Datasets of a size that must not be held in memory.

use playbook_tests::{Sandbox, StubProject};
use std::{
    fs::File,
    io::{BufWriter, Read as _, Write as _},
    time::Duration,
};

const ROWS: usize = 100_000;
/// What the process may need for the long dataset beyond what it needs for a short one. The ids' fingerprints are in
/// it (a few megabytes); the dataset itself, of more than 35 MB, is not.
const MOST_MEGABYTES: u64 = 12;

fn write_rows(path: &std::path::Path, rows: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let kind = path.extension().unwrap().to_str().unwrap().to_owned();
    let padding = "how long may this take ".repeat(16);
    match kind.as_str() {
        "csv" => writeln!(file, "id,category,question,expected").unwrap(),
        "json" => writeln!(file, "[").unwrap(),
        _ => {}
    }
    for row in 0..rows {
        let comma = if kind == "json" && row + 1 < rows { "," } else { "" };
        match kind.as_str() {
            "csv" => writeln!(file, "case-{row},c{},\"say {padding}\",how", row % 7).unwrap(),
            _ => writeln!(
                file,
                "{{\"id\":\"case-{row}\",\"category\":\"c{}\",\"question\":\"say {padding}\",\"expected\":\"how\"}}{comma}",
                row % 7
            )
            .unwrap(),
        }
    }
    if kind == "json" {
        writeln!(file, "]").unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
}

/// Runs `eval` over the whole dataset with a filter that fits nothing, so that it is read to its end and nothing is
/// asked. Returns the highest memory use that was seen, in megabytes, and what was said.
fn read_through(sandbox: &Sandbox) -> (u64, String) {
    let mut command = sandbox.command(&["eval", "app", "--trust", "--filter", "category=none"]);
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // The high-water mark only grows, so the last sample misses little.
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            peak = peak.max(kilobytes / 1024);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{said}");
    (peak, said)
}

/// H2: 100,000 cases are read in bounded memory, as JSONL, as one JSON list and as CSV, and the last row's mistake is
/// still named by its line.
#[test]
fn a_hundred_thousand_cases_stream_in_bounded_memory() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    let (base, said) = read_through(&sandbox);
    assert!(said.contains("no case fits the filter") && base > 0, "{said}");
    for name in ["big.jsonl", "big.json", "big.csv"] {
        let path = project.folder.join(name);
        write_rows(&path, ROWS);
        assert!(std::fs::metadata(&path).unwrap().len() > 35_000_000);
        let text = std::fs::read_to_string(project.suite()).unwrap();
        let old = text
            .lines()
            .find(|line| line.starts_with("dataset:"))
            .unwrap()
            .to_owned();
        project.change_suite(&old, &format!("dataset: {name}"));
        let (peak, said) = read_through(&sandbox);
        assert!(said.contains("no case fits the filter"), "{said}");
        assert!(
            peak <= base + MOST_MEGABYTES,
            "{name}: {peak} MB against {base} MB for one case"
        );
        std::fs::remove_file(path).unwrap();
    }
    let path = project.folder.join("big.csv");
    write_rows(&path, ROWS);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    writeln!(file, "case-7,c,again,how").unwrap();
    let (_, said) = read_through(&sandbox);
    assert!(
        said.contains("big.csv:100002: the id `case-7` is used before, at line 9"),
        "{said}"
    );
}
