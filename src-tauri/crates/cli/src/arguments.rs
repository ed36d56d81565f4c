//! What can be typed.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Evals of your own AI projects, and what the results let you say.
///
/// Exit codes: 0 gate passed, 1 gate failed, 2 the input is wrong, 3 the target or the machine failed, 130 stopped by
/// Ctrl-C or by its budget.
#[derive(Debug, Parser)]
#[command(name = "playbook", version, max_term_width = 100)]
pub struct Arguments {
    /// Print JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Database to use. Default: the one that the app uses.
    #[arg(long, global = true, value_name = "PATH")]
    pub db: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A number that is counted up to. A negative one is taken for a number here, so that it is not taken for an option.
fn count(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "out of range; expected a whole number such as 3".to_owned())
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a starter project in a new folder.
    New {
        /// The folder to make.
        dir: String,
        /// The starter.
        #[arg(long)]
        starter: String,
    },
    /// Adopt a project of your own: how it starts, one request, mapping the answer, typed cases. It asks for whatever
    /// the options leave open.
    Init(Box<InitArguments>),
    /// Run a suite.
    Eval(EvalArguments),
    /// Join the shards of a run, made with --shard into databases of their own, into the run that one machine would have made.
    Merge {
        /// The databases of the shards.
        #[arg(required = true, value_name = "DB")]
        databases: Vec<PathBuf>,
        /// What to write.
        #[command(flatten)]
        reports: ReportArguments,
    },
    /// Files for CI engines and clusters, written into the project.
    Ci {
        /// What to do.
        #[command(subcommand)]
        command: CiCommand,
    },
    /// Quality and cost of the last seven days of a project, as Markdown.
    Weekly {
        /// The project: folder, name or id.
        project: String,
    },
    /// List runs, newest first.
    Runs {
        /// Only those of this project (folder, name or id).
        project: Option<String>,
    },
    /// Hold two runs against each other, case by case.
    Compare {
        /// The earlier run: a number, an id, or `last`.
        before: String,
        /// The later run.
        after: String,
        /// The project whose run numbers are meant.
        #[arg(long)]
        project: Option<String>,
    },
    /// Hold runs of one suite side by side as variants: quality, cost, latency, predictability, and the cheapest that passes.
    Variants {
        /// The runs: numbers, ids, or `last`.
        runs: Vec<String>,
        /// The runs that measured their targets beside this one.
        #[arg(long, value_name = "RUN", conflicts_with = "runs")]
        group: Option<String>,
        /// The project whose run numbers are meant; alone, what it measured last.
        #[arg(long)]
        project: Option<String>,
    },
    /// Show what differs between the dataset, the suite and the rubrics of two runs.
    Diff {
        /// The earlier run: a number, an id, or `last`.
        before: String,
        /// The later run, or `now` for the files as they are.
        after: String,
        /// The project whose run numbers are meant.
        #[arg(long)]
        project: Option<String>,
    },
    /// Export a project's case study as Markdown and HTML.
    CaseStudy {
        /// The project: folder, name or id.
        project: String,
        /// The folder to write into.
        #[arg(long, value_name = "DIR")]
        out: String,
        /// Replace this file although the app did not write it as it is now. May be given several times.
        #[arg(long, value_name = "FILE")]
        replace: Vec<String>,
        /// Make the claims that the text names anew from the newest candidate.
        #[arg(long)]
        renew: bool,
    },
    /// List the configured providers, with what they cost today; or try one.
    Providers {
        /// Try this provider by asking for the list of its models, which costs nothing.
        #[arg(long, value_name = "NAME")]
        test: Option<String>,
    },
    /// Show which row prices a model today, and which sources disagree.
    Prices {
        /// The model's name as the provider's answers give it.
        model: String,
    },
    /// Serve the practice model at an OpenAI-compatible address on this machine.
    ServePracticeModel {
        /// Port; 0 for a free one.
        #[arg(long, default_value_t = 8099)]
        port: u16,
        /// Seed of its small variations.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
}

/// Run a suite.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// Suite file, or project folder (its default suite). Not needed with --resume.
    #[arg(required_unless_present_any = ["resume", "retry_errors"])]
    pub suite: Option<PathBuf>,
    /// Calls in flight at once. Default: what the suite says.
    #[arg(short = 'j', long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub concurrency: Option<u32>,
    /// How often each case is run. Default: what the suite says.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub repeat: Option<u32>,
    /// Only these cases: field=value, field!=value or field~part, joined by commas.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// candidate, experiment, drill, lab or canary. Default: candidate; experiment with a filter or --stop-early.
    #[arg(long, value_name = "P")]
    pub purpose: Option<String>,
    /// Go on with a run that ended before its work did: its number, its id, or `last`.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["retry_errors", "concurrency", "repeat", "filter", "purpose", "target", "retries", "shard", "cache", "skip_bad_rows", "stop_early"])]
    pub resume: Option<String>,
    /// Ask the trials of a run once more that ended in an error: its number, its id, or `last`.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["concurrency", "repeat", "filter", "purpose", "target", "budget", "retries", "shard", "cache", "skip_bad_rows", "stop_early"])]
    pub retry_errors: Option<String>,
    /// Only this target, where the suite names several. May be given several times.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Most that may be spent on each target, in US dollars. The run stops before a call that could cross it. With
    /// --resume, a new limit for the whole run, what it has spent included.
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub budget: Option<String>,
    /// How often a call that failed for the provider's or the network's sake is made again. Default: what the suite says.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub retries: Option<u32>,
    /// Only this slice of the cases: i/n, or `auto` for what the engine around the process says.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<String>,
    /// Use answers of earlier runs to the same request; services are always asked.
    #[arg(long)]
    pub cache: bool,
    /// Pass over bad rows of the dataset instead of refusing the run.
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// Stop as soon as the pass rate is decided: certain at the 95 % level to lie above or below the limit that the
    /// suite's release metrics set for it. Cases are asked in a shuffled order; such a run is no candidate.
    #[arg(long)]
    pub stop_early: bool,
    /// Say what the run would take (calls, tokens, cost, time), and start nothing.
    #[arg(long, conflicts_with_all = ["resume", "retry_errors"])]
    pub estimate: bool,
    /// Read suite and cases, say what would not run here, and start nothing.
    #[arg(long, conflicts_with_all = ["resume", "retry_errors"])]
    pub check: bool,
    /// Allow the project's commands without asking.
    #[arg(long)]
    pub trust: bool,
    /// What to write.
    #[command(flatten)]
    pub reports: ReportArguments,
}

/// Files that results are written to. An earlier report of the same kind is replaced, and no other file.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Write the results as JSON to this file. Here and below, an earlier report of the same kind is replaced, and no
    /// other file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write JUnit XML to this file.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a Markdown summary for a pull request to this file.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write one self-contained HTML page to this file.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a JSON object for each trial, one a line, to this file.
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
    /// Write the trials as CSV to this file.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// The run that this one is held against: its number, its id, or `last`. Default: the frozen baseline, or else the run
    /// before.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<String>,
}

/// What to do for CI.
#[derive(Debug, Subcommand)]
pub enum CiCommand {
    /// Write a workflow, a job, an array script or a manifest that runs the suite.
    Init {
        /// Suite file, or project folder (its default suite).
        suite: PathBuf,
        /// github, gitlab, slurm or kubernetes. May be given several times. Default: github.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        /// Parts that the run is cut into.
        #[arg(long, default_value_t = 1, value_name = "N")]
        shards: u32,
        /// Git address that the command line is installed from.
        #[arg(long, value_name = "URL", env = "PLAYBOOK_REPOSITORY")]
        repository: String,
        /// Tag or commit of it.
        #[arg(long, value_name = "REV")]
        revision: Option<String>,
        /// Name of a secret that the suite needs, such as OPENAI_API_KEY. May be given several times.
        #[arg(long = "secret", value_name = "NAME")]
        secrets: Vec<String>,
        /// Git address of the project itself, which Kubernetes needs.
        #[arg(long, value_name = "URL")]
        project_repository: Option<String>,
        /// Branch, tag or commit of the project that Kubernetes measures. Default: its newest commit.
        #[arg(long, value_name = "REV", requires = "project_repository")]
        project_revision: Option<String>,
        /// Replace this file although the app did not write it as it is now. May be given several times.
        #[arg(long, value_name = "FILE")]
        replace: Vec<String>,
    },
}

/// Adopt a project of your own.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The project's folder.
    pub dir: String,
    /// The command that starts it, with {port} where its port belongs if it takes one.
    #[arg(long)]
    pub command: Option<String>,
    /// Environment variable that carries the port.
    #[arg(long, value_name = "NAME", conflicts_with = "port")]
    pub port_variable: Option<String>,
    /// The port it always uses.
    #[arg(long)]
    pub port: Option<u16>,
    /// Path that answers once it is ready.
    #[arg(long, value_name = "PATH")]
    pub health: Option<String>,
    /// HTTP method of the request.
    #[arg(long)]
    pub method: Option<String>,
    /// Path of the request; `{{question}}` in it for a GET.
    #[arg(long)]
    pub path: Option<String>,
    /// JSON field that carries the question in a POST.
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Question to try it with.
    #[arg(long)]
    pub question: Option<String>,
    /// JSON pointer to the answer, such as /answer. The other pointers are proposed from the response.
    #[arg(long, value_name = "POINTER")]
    pub answer: Option<String>,
    /// JSON pointer to the retrieved passages.
    #[arg(long, value_name = "POINTER")]
    pub passages: Option<String>,
    /// JSON pointer to the tokens read.
    #[arg(long, value_name = "POINTER")]
    pub input_tokens: Option<String>,
    /// JSON pointer to the tokens written.
    #[arg(long, value_name = "POINTER")]
    pub output_tokens: Option<String>,
    /// A case: `question => what a right answer says`, or `question =>` for one that should be refused. May be given
    /// several times.
    #[arg(long = "case", value_name = "CASE")]
    pub cases: Vec<String>,
    /// Allow the project's commands without asking.
    #[arg(long)]
    pub trust: bool,
}
