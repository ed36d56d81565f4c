//! `playbook init`: adopts a project. Options answer what they can; what they leave open is asked.

use crate::{
    Ended,
    arguments::InitArguments,
    console::{ask, note, print},
    print_json,
};
use api::{
    Code, Error, Playbook,
    wire::adoption::{
        AdoptRequest, InspectRequest, Inspection, Mapping, PortWay, ServiceSpec, TryRequest, TryResponse,
        TypedCase,
    },
    wire::project::OpenProjectRequest,
};

pub async fn init(playbook: &Playbook, arguments: InitArguments, json: bool) -> Result<Ended, Error> {
    let inspection = playbook
        .inspect_folder(InspectRequest {
            folder: arguments.dir.clone(),
        })
        .await?;
    let typed_cases = arguments
        .cases
        .iter()
        .map(|text| typed(text))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(suite) = &inspection.existing_suite {
        if !typed_cases.is_empty() {
            return Err(Error::new(
                Code::Refused,
                format!(
                    "{} has a suite already ({suite}), and no case was added to it",
                    inspection.folder
                ),
                "Write the cases into the suite's dataset; without --case, `playbook init` opens the project as it is.",
            ));
        }
        let row = playbook
            .open_project(OpenProjectRequest {
                folder: inspection.folder.clone(),
            })
            .await?;
        if json {
            print_json(&row)?;
        } else {
            print(&format!(
                "{} has a suite already: {suite}\nNext: playbook eval {}\n",
                row.name, row.folder
            ));
        }
        return Ok(Ended::Well);
    }
    let mut service = service(&arguments, &inspection)?;
    let question = match &arguments.question {
        Some(question) => question.clone(),
        None => demand(ask("A question to try it with", ""), "question", "--question")?,
    };
    let trusted = arguments.trust
        || ask(
            &format!(
                "Trust {} and start `{}`? (yes/no)",
                inspection.folder, service.command
            ),
            "no",
        )
        .is_some_and(|answer| ["y", "yes"].contains(&answer.to_lowercase().as_str()));
    note("Starting it and asking one question …");
    let request = TryRequest {
        folder: arguments.dir.clone(),
        service: service.clone(),
        question: question.clone(),
        trusted,
    };
    let response = playbook.try_request(request).await?;
    if response.health.is_empty() && !service.health.is_empty() {
        note(&format!(
            "{} does not answer with success, so an open port counts as ready, and the suite names no health path.",
            service.health
        ));
    }
    service.health.clone_from(&response.health);
    let mapping = mapping(&arguments, &response)?;
    let cases = cases(typed_cases, &question);
    let adopted = playbook
        .adopt_project(AdoptRequest {
            folder: arguments.dir.clone(),
            service,
            mapping,
            cases,
            trusted,
        })
        .await?;
    if json {
        print_json(&adopted)?;
    } else {
        print(&format!(
            "Wrote {} into {}. Nothing else was changed.\nNext: playbook eval {}\n",
            adopted.files.join(" and "),
            inspection.folder,
            arguments.dir
        ));
    }
    Ok(Ended::Well)
}

fn demand(answer: Option<String>, what: &str, option: &str) -> Result<String, Error> {
    answer.filter(|answer| !answer.is_empty()).ok_or_else(|| {
        Error::input(
            format!("no {what} was given"),
            format!("Answer the question, or pass {option}."),
        )
    })
}

fn service(arguments: &InitArguments, inspection: &Inspection) -> Result<ServiceSpec, Error> {
    let start = inspection.starts.first();
    for proposal in &inspection.starts {
        note(&format!("proposed: {}  ({})", proposal.command, proposal.reason));
    }
    let command = match &arguments.command {
        Some(command) => command.clone(),
        None => demand(
            ask(
                "Command that starts it",
                start.map_or("", |start| start.command.as_str()),
            ),
            "command",
            "--command",
        )?,
    };
    let proposed = start
        .filter(|start| start.command == command)
        .map(|start| start.port.clone());
    let port = match (&arguments.port_variable, arguments.port, proposed) {
        (Some(name), _, _) => PortWay::Environment { name: name.clone() },
        (None, Some(port), _) => PortWay::Fixed { port },
        (None, None, _) if command.contains("{port}") => PortWay::Argument,
        (None, None, Some(way)) => way,
        (None, None, None) => PortWay::Environment {
            name: demand(
                ask("Environment variable that carries the port", "PORT"),
                "port variable",
                "--port-variable",
            )?,
        },
    };
    let request = inspection.requests.first();
    for proposal in &inspection.requests {
        note(&format!(
            "proposed: {} {}  ({})",
            proposal.method, proposal.path, proposal.reason
        ));
    }
    let path = match &arguments.path {
        Some(path) => path.clone(),
        None => demand(
            ask("Path to ask", request.map_or("", |request| request.path.as_str())),
            "path",
            "--path",
        )?,
    };
    let proposed = request.filter(|request| request.path == path);
    let method = arguments
        .method
        .clone()
        .or_else(|| proposed.map(|request| request.method.clone()))
        .unwrap_or_else(|| {
            if path.contains("{{question}}") {
                "GET".into()
            } else {
                "POST".into()
            }
        })
        .to_uppercase();
    let question_field = match (&arguments.field, method.as_str()) {
        (Some(field), _) => Some(field.clone()),
        (None, "GET") => None,
        (None, _) => match proposed.and_then(|request| request.question_field.clone()) {
            Some(field) => Some(field),
            None => Some(demand(
                ask("JSON field that carries the question", "question"),
                "field",
                "--field",
            )?),
        },
    };
    let health = arguments
        .health
        .clone()
        .unwrap_or_else(|| inspection.health.clone());
    Ok(ServiceSpec {
        command,
        port,
        health,
        method,
        path,
        question_field,
    })
}

fn mapping(arguments: &InitArguments, response: &TryResponse) -> Result<Mapping, Error> {
    let mut mapping = response.proposed.clone();
    if let Some(answer) = &arguments.answer {
        mapping.answer = Some(answer.clone());
    } else {
        note("The response:");
        for (index, value) in response.values.iter().enumerate() {
            note(&format!(
                "  {:>2}  {:<28} {:<10} {}",
                index + 1,
                value.pointer,
                value.kind,
                value.preview
            ));
        }
        let proposal = mapping.answer.clone().unwrap_or_default();
        let given = demand(
            ask("Which is the answer? (number or pointer)", &proposal),
            "answer",
            "--answer",
        )?;
        let pointed = given
            .parse::<usize>()
            .ok()
            .and_then(|number| response.values.get(number.checked_sub(1)?));
        mapping.answer = Some(pointed.map_or(given, |value| value.pointer.clone()));
    }
    for (given, place) in [
        (&arguments.passages, &mut mapping.passages),
        (&arguments.input_tokens, &mut mapping.input_tokens),
        (&arguments.output_tokens, &mut mapping.output_tokens),
    ] {
        if given.is_some() {
            place.clone_from(given);
        }
    }
    let known = |pointer: &str| pointer.is_empty() || response.body.pointer(pointer).is_some();
    match &mapping.answer {
        Some(pointer) if !known(pointer) => {
            let there: Vec<&str> = response
                .values
                .iter()
                .map(|value| value.pointer.as_str())
                .take(12)
                .collect();
            Err(Error::input(
                format!("the response has nothing at `{pointer}`"),
                format!("It has {}.", there.join(", ")),
            ))
        }
        _ => Ok(mapping),
    }
}

fn cases(typed: Vec<TypedCase>, question: &str) -> Vec<TypedCase> {
    if !typed.is_empty() {
        return typed;
    }
    note(
        "Five cases: a question, and what a right answer says (empty if it should refuse). An empty question ends.",
    );
    let mut cases = Vec::new();
    while cases.len() < 5 {
        let proposal = if cases.is_empty() { question } else { "" };
        let Some(question) =
            ask(&format!("Question {}", cases.len() + 1), proposal).filter(|text| !text.is_empty())
        else {
            break;
        };
        let expected = ask("A right answer says", "").unwrap_or_default();
        cases.push(TypedCase {
            question,
            expected,
            category: String::new(),
        });
    }
    cases
}

fn typed(text: &str) -> Result<TypedCase, Error> {
    let (question, expected) = text.split_once("=>").ok_or_else(|| {
        Error::input(
            format!("`{text}` is no case"),
            "Write `question => what a right answer says`.",
        )
    })?;
    Ok(TypedCase {
        question: question.trim().into(),
        expected: expected.trim().into(),
        category: String::new(),
    })
}
