//! What a folder says of itself: how its program starts, what it can be asked. Proposals with a reason, never more.

use crate::wire::adoption::{Inspection, PortWay, RequestProposal, StartProposal};
use regex::Regex;
use std::{collections::BTreeSet, fs, path::Path};

/// Source files that are read for hints, at most.
const MOST_FILES: usize = 60;
/// A longer file is generated, and tells nothing.
const LONGEST_FILE: u64 = 400_000;
/// Fields whose name says that a question goes there, likeliest first.
const QUESTION_FIELDS: [&str; 8] = [
    "question", "query", "prompt", "message", "input", "text", "q", "content",
];

struct Source {
    name: String,
    text: String,
}

/// Looks at a folder. Reads files, runs nothing.
pub(super) fn inspect(folder: &Path) -> Inspection {
    let sources = sources(folder);
    let requests = requests(&sources);
    let paths: BTreeSet<String> = route_lines(&sources)
        .into_iter()
        .map(|route| route.path)
        .collect();
    let health = ["/healthz", "/health", "/ready", "/ping", "/status"];
    Inspection {
        folder: folder.display().to_string(),
        name: super::project::folder_name(folder),
        starts: starts(folder, &sources),
        requests,
        health: health
            .iter()
            .find(|path| paths.contains(**path))
            .unwrap_or(&"/")
            .to_string(),
        existing_suite: harness::suite::find(folder)
            .first()
            .map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string()),
    }
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    for part in ["", "src", "app", "server", "api"] {
        let Ok(entries) = fs::read_dir(folder.join(part)) else {
            continue;
        };
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let kind = path
                .extension()
                .and_then(|kind| kind.to_str())
                .unwrap_or_default();
            let short =
                fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() < LONGEST_FILE);
            if !short || !["py", "js", "mjs", "cjs", "ts"].contains(&kind) || sources.len() >= MOST_FILES {
                continue;
            }
            if let Ok(text) = fs::read_to_string(&path) {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                sources.push(Source { name, text });
            }
        }
    }
    sources
}

fn capture(pattern: &str, text: &str) -> Option<String> {
    Regex::new(pattern)
        .ok()?
        .captures(text)?
        .get(1)
        .map(|found| found.as_str().to_owned())
}

/// Whether the source reads its port from the environment, and under which name.
fn port_variable(text: &str) -> Option<String> {
    capture(
        r#"(?:environ(?:\.get)?\s*[\[(]\s*|getenv\s*\(\s*|process\.env\.|process\.env\[\s*)["']?([A-Z_]*PORT)\b"#,
        text,
    )
}

fn fixed_port(text: &str) -> Option<u16> {
    capture(r"(?:port\s*[=:]\s*|listen\s*\(\s*|PORT\s*=\s*)(\d{2,5})\b", text)?
        .parse()
        .ok()
}

fn starts(folder: &Path, sources: &[Source]) -> Vec<StartProposal> {
    let mut starts = Vec::new();
    let python = [".venv/bin/python", "venv/bin/python", "env/bin/python"]
        .into_iter()
        .find(|path| folder.join(path).exists())
        .unwrap_or("python3");
    for source in sources.iter().filter(|source| source.name.ends_with(".py")) {
        let module = source.name.trim_end_matches(".py").replace('/', ".");
        if let Some(app) = capture(r"(?m)^(\w+)\s*(?::\s*FastAPI)?\s*=\s*FastAPI\(", &source.text) {
            starts.push(StartProposal {
                command: format!("{python} -m uvicorn {module}:{app} --host 127.0.0.1 --port {{port}}"),
                port: PortWay::Argument,
                reason: format!("{} makes a FastAPI app called `{app}`", source.name),
            });
        } else if let Some(app) = capture(r"(?m)^(\w+)\s*=\s*(?:flask\.)?Flask\(", &source.text) {
            let command = format!("{python} {}", source.name);
            match (
                source.text.contains(&format!("{app}.run(")),
                port_variable(&source.text),
            ) {
                (true, Some(name)) => starts.push(StartProposal {
                    command,
                    port: PortWay::Environment { name: name.clone() },
                    reason: format!("{} runs a Flask app on the port in `{name}`", source.name),
                }),
                _ => starts.push(StartProposal {
                    command: format!("{python} -m flask --app {module}:{app} run --port {{port}}"),
                    port: PortWay::Argument,
                    reason: format!("{} makes a Flask app called `{app}`", source.name),
                }),
            }
        } else if source.text.contains("__main__")
            && ["HTTPServer", "aiohttp", "tornado", "uvicorn.run", "bottle"]
                .iter()
                .any(|name| source.text.contains(name))
        {
            starts.push(plain_start(format!("{python} {}", source.name), source));
        }
    }
    starts.extend(node_starts(folder, sources));
    starts
}

fn plain_start(command: String, source: &Source) -> StartProposal {
    let port = match (port_variable(&source.text), fixed_port(&source.text)) {
        (Some(name), _) => PortWay::Environment { name },
        (None, Some(port)) => PortWay::Fixed { port },
        (None, None) => PortWay::Environment { name: "PORT".into() },
    };
    let how = match &port {
        PortWay::Environment { name } => format!("on the port in `{name}`"),
        PortWay::Fixed { port } => format!("always on port {port}"),
        PortWay::Argument => "on the port in its command".into(),
    };
    StartProposal {
        command,
        port,
        reason: format!("{} serves HTTP {how}", source.name),
    }
}

fn node_starts(folder: &Path, sources: &[Source]) -> Vec<StartProposal> {
    let serves = |source: &&Source| {
        !source.name.ends_with(".py")
            && (source.text.contains(".listen(") || source.text.contains("fastify("))
    };
    let server = sources.iter().find(serves);
    let package: Option<serde_json::Value> = fs::read_to_string(folder.join("package.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok());
    let script = package.as_ref().and_then(|package| {
        ["start", "serve", "dev"]
            .iter()
            .find_map(|name| package["scripts"][name].as_str())
    });
    match (script, server) {
        // `node server.js` is started itself: npm would stand between the harness and the service.
        (Some(script), Some(server)) if script.starts_with("node ") && !script.contains(['&', '|', ';']) => {
            let mut proposal = plain_start(script.to_owned(), server);
            proposal.reason = format!("the start script in package.json; {}", proposal.reason);
            vec![proposal]
        }
        (Some(_), server) => {
            let text = server.map_or("", |server| server.text.as_str());
            let port = port_variable(text)
                .map(|name| PortWay::Environment { name })
                .or_else(|| fixed_port(text).map(|port| PortWay::Fixed { port }))
                .unwrap_or(PortWay::Environment { name: "PORT".into() });
            let reason = "package.json has a start script".to_owned();
            vec![StartProposal {
                command: "npm start".into(),
                port,
                reason,
            }]
        }
        (None, Some(server)) => vec![plain_start(format!("node {}", server.name), server)],
        (None, None) => Vec::new(),
    }
}

struct RouteLine {
    method: String,
    path: String,
    place: String,
    body: String,
}

/// Lines that declare a route, in the ways of Flask, FastAPI and Express.
fn route_lines(sources: &[Source]) -> Vec<RouteLine> {
    let Ok(route) = Regex::new(r#"\.(get|post|put|route)\(\s*["'`](/[^"'`]*)["'`]([^\n]*)"#) else {
        return Vec::new();
    };
    let mut routes = Vec::new();
    for source in sources {
        for found in route.captures_iter(&source.text) {
            let whole = found.get(0).map_or(0, |part| part.start());
            let line = source.text[..whole].matches('\n').count() + 1;
            let rest = found.get(3).map_or("", |part| part.as_str());
            let method = match &found[1] {
                "route" if rest.contains("POST") => "POST",
                "route" | "get" => "GET",
                "put" => "PUT",
                _ => "POST",
            };
            // The handler stands below its route; what it reads is within the next lines.
            let body: String = source.text[whole..]
                .lines()
                .take(25)
                .collect::<Vec<_>>()
                .join("\n");
            routes.push(RouteLine {
                method: method.into(),
                path: found[2].to_owned(),
                place: format!("{} line {line}", source.name),
                body,
            });
        }
    }
    routes
}

/// The text field of the pydantic model that a FastAPI handler takes: the likeliest by name, or else its first.
fn model_field(handler: &str, models: &str) -> Option<String> {
    let parameters = capture(r"def\s+\w+\(([^)]*)\)", handler)?;
    let body = Regex::new(r"\w+\s*:\s*([A-Z]\w*)")
        .ok()?
        .captures_iter(&parameters)
        .find_map(|found| {
            let name = &found[1];
            capture(
                &format!(r"(?m)^class\s+{name}\([^\n]*BaseModel[^\n]*\n((?:[ \t]+[^\n]*\n|\n)*)"),
                models,
            )
        })?;
    let texts: Vec<&str> = Regex::new(r"(?m)^[ \t]+(\w+)\s*:\s*(?:Optional\[)?str\b")
        .ok()?
        .captures_iter(&body)
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    let likely = QUESTION_FIELDS.iter().find(|field| texts.contains(field));
    likely.or(texts.first()).map(|field| (*field).to_owned())
}

fn requests(sources: &[Source]) -> Vec<RequestProposal> {
    let models: String = sources
        .iter()
        .filter(|source| source.text.contains("BaseModel"))
        .map(|source| source.text.as_str())
        .collect();
    let mut requests: Vec<(usize, RequestProposal)> = route_lines(sources)
        .into_iter()
        .filter(|route| {
            !["/", "/health", "/healthz", "/ready", "/ping", "/status"].contains(&route.path.as_str())
        })
        .map(|route| {
            let asks = |text: &str| {
                QUESTION_FIELDS.iter().find(|field| {
                    Regex::new(&format!(r#"["'\[.{{,\s]{field}["'\]\s}},:)]"#))
                        .is_ok_and(|field| field.is_match(text))
                })
            };
            let named = |text: &str| asks(text).map(|field| (*field).to_owned());
            let field = model_field(&route.body, &models).or_else(|| named(&route.body));
            let likely = [
                "ask", "answer", "query", "chat", "question", "generate", "complete",
            ];
            let rank = match (
                likely.iter().any(|word| route.path.contains(word)),
                route.method.as_str(),
                &field,
            ) {
                (true, "POST", Some(_)) => 0,
                (_, "POST", Some(_)) => 1,
                (true, _, Some(_)) => 2,
                (true, _, None) => 3,
                _ => 4,
            };
            let question = field.unwrap_or_else(|| "question".into());
            let get = route.method == "GET";
            let path = if get {
                format!("{}?{question}={{{{question}}}}", route.path)
            } else {
                route.path
            };
            let proposal = RequestProposal {
                method: route.method,
                path,
                question_field: (!get).then_some(question),
                reason: route.place,
            };
            (rank, proposal)
        })
        .collect();
    requests.sort_by_key(|(rank, _)| *rank);
    requests
        .into_iter()
        .map(|(_, proposal)| proposal)
        .take(8)
        .collect()
}
