//! Every command that a front may give, declared once. Window and command line go through the same list, the
//! TypeScript type of it is generated, and a command without a use case does not compile.

use crate::{
    error::Error,
    use_case::Playbook,
    wire::{
        Nothing, adoption::*, app::*, case::*, portfolio::*, price::*, project::*, provider::*, review::*,
        run::*, screen::*, variants::*,
    },
};
use journey::views::{RoadmapView, SetupView, SkillsView};
use portfolio::{Bullet, CaseStudyCheck};
use serde_json::Value;

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident($request:ty) -> $response:ty;)*) => {
        impl Playbook {
            /// Carries out the command of this name. Requests and answers are those of [`Commands`].
            pub async fn call(&self, command: &str, request: Value) -> Result<Value, Error> {
                match command {
                    $(stringify!($name) => {
                        let request: $request = serde_json::from_value(request)
                            .map_err(|error| Error::request(command, &error))?;
                        let response: $response = self.$name(request).await?;
                        serde_json::to_value(response).map_err(|error| Error::internal(error.to_string()))
                    })*
                    _ => Err(Error::unknown_command(command)),
                }
            }
        }

        /// The list in the words of TypeScript: `command: { request: …, response: … }`.
        pub fn typescript(config: &ts_rs::Config) -> (String, Vec<String>) {
            use ts_rs::TS;
            let mut lines = Vec::new();
            let mut names = Vec::new();
            $(
                let documentation: &[&str] = &[$($doc),*];
                lines.push(format!(
                    "  /**{} */\n  {}: {{ request: {}; response: {} }};",
                    documentation.join(""), stringify!($name), <$request>::name(config), <$response>::name(config),
                ));
                names.push(<$request>::name(config));
                names.push(<$response>::name(config));
            )*
            (lines.join("\n"), names)
        }

        /// Writes the TypeScript of every type that a command names, and of what those name, into a folder.
        pub fn export_types(config: &ts_rs::Config) -> Result<(), ts_rs::ExportError> {
            use ts_rs::TS;
            $(
                <$request>::export_all(config)?;
                <$response>::export_all(config)?;
            )*
            crate::wire::event::RunEvent::export_all(config)?;
            crate::wire::WireError::export_all(config)
        }
    };
}

commands! {
    /// What a front needs before it draws its first screen.
    app_state(Nothing) -> AppState;
    /// Keeps what the person set.
    save_settings(Settings) -> Nothing;
    /// The first screens: role families, competencies, and what was chosen so far.
    setup(Nothing) -> SetupView;
    /// The Today room.
    today(Nothing) -> TodayScreen;
    /// The Roadmap room.
    roadmap(Nothing) -> RoadmapView;
    /// The Skills room.
    skills(Nothing) -> SkillsView;
    /// Records something that the person did or decided: set out, scores, outputs, items, retros, dates.
    record(RecordRequest) -> Nothing;
    /// Links a run, a file or an address to a week, a month or an item.
    link_artifact(LinkRequest) -> Nothing;
    /// Every project.
    projects(Nothing) -> Projects;
    /// One project: suites, runs, charts.
    project(ProjectRequest) -> ProjectView;
    /// Makes a starter project in a new folder.
    create_starter(CreateStarterRequest) -> ProjectRow;
    /// Gets to know a folder that has a suite.
    open_project(OpenProjectRequest) -> ProjectRow;
    /// Says whether the app may run the project's commands.
    trust_project(TrustRequest) -> Nothing;
    /// Looks at a folder and proposes how its program starts and what to ask it.
    inspect_folder(InspectRequest) -> Inspection;
    /// Starts the program, asks one question, stops it, and shows what came back.
    try_request(TryRequest) -> TryResponse;
    /// Writes a suite of typed cases and makes the folder a project.
    adopt_project(AdoptRequest) -> Adopted;
    /// Starts a run.
    start_run(StartRunRequest) -> RunStarted;
    /// Goes on with a run that ended before its work did.
    resume_run(RunRequest) -> RunStarted;
    /// Asks the trials of a run once more that ended in an error.
    retry_errors(RunRequest) -> RunStarted;
    /// Stops a run; what is finished is kept.
    cancel_run(RunRequest) -> Nothing;
    /// Freezes a finished candidate as the baseline that later runs of its suite are held against.
    freeze_baseline(RunRequest) -> Nothing;
    /// Lets the baseline of a run's suite go.
    release_baseline(RunRequest) -> Nothing;
    /// One run: summary, tiles, comparison with the run before.
    run(RunRequest) -> RunView;
    /// A page of a run's results.
    results(ResultsRequest) -> ResultsPage;
    /// One trial with everything that was seen.
    result(ResultRequest) -> ResultView;
    /// The results of a run that people look at, riskiest first or at random.
    review_queue(ReviewQueueRequest) -> ReviewQueue;
    /// Keeps what a person thinks of a result.
    save_review(SaveReviewRequest) -> ReviewView;
    /// What people said of one result, and why it failed.
    result_reviews(ResultRequest) -> ResultReviews;
    /// Says why a result failed.
    label_root_cause(LabelRequest) -> Nothing;
    /// What the reviews of a run come to: agreement, disagreements, the corrected rate, root causes.
    review_report(RunRequest) -> ReviewReport;
    /// Writes the reviews of a run into the project's folder.
    export_reviews(ExportReviewsRequest) -> Exported;
    /// A result as a new case of its dataset, to be edited.
    draft_case(ResultRequest) -> CaseDraft;
    /// Adds a case to a dataset: shows the difference, then writes.
    add_case(AddCaseRequest) -> CaseAddition;
    /// Two runs held against each other.
    compare(CompareRequest) -> CompareView;
    /// Runs of one suite side by side, as variants to choose between.
    variants(VariantsRequest) -> VariantsView;
    /// What differs between the dataset, the suite and the rubrics of two runs, or of a run and the files now.
    diff(DiffRequest) -> VersionDiff;
    /// How a metric developed over the runs of a suite.
    history(HistoryRequest) -> HistoryView;
    /// The states of a project's corpus that its runs have seen.
    corpus(ProjectRequest) -> CorpusView;
    /// What a run would take, before anything starts.
    estimate_run(StartRunRequest) -> Estimate;
    /// A suite file as text.
    suite_text(SuiteFileRequest) -> SuiteText;
    /// What is wrong with a suite's text, without saving it.
    check_suite_text(SuiteTextRequest) -> SuiteCheck;
    /// Saves a suite's text.
    save_suite_text(SaveSuiteRequest) -> FileSaved;
    /// A page of a suite's dataset.
    dataset(DatasetRequest) -> DatasetPage;
    /// Changes rows of a suite's dataset.
    save_dataset(SaveDatasetRequest) -> FileSaved;
    /// A project's portfolio.
    portfolio(ProjectRequest) -> PortfolioView;
    /// Makes a claim of a run.
    create_claim(CreateClaimRequest) -> Nothing;
    /// Makes the claims that the case study's text names and the newest candidate offers.
    claim_what_the_text_names(ClaimNamedRequest) -> ClaimsMade;
    /// Takes a claim off.
    remove_claim(ClaimRequest) -> Nothing;
    /// Writes the case study's source once, from its template.
    create_case_study(ProjectRequest) -> CaseStudyFile;
    /// Saves the case study's source.
    save_case_study(SaveCaseStudyRequest) -> CaseStudyFile;
    /// Checks a case study's text without saving it.
    check_case_study(CheckTextRequest) -> CaseStudyCheck;
    /// Checks a bullet's text.
    check_bullet(CheckTextRequest) -> Bullet;
    /// Exports the case study as Markdown and as one HTML file.
    export_case_study(ExportRequest) -> Exported;
    /// The configured providers, what they cost today, and what can be added.
    providers(Nothing) -> ProvidersView;
    /// Adds a provider or changes one. A typed key goes into the keychain and nowhere else.
    save_provider(SaveProviderRequest) -> Nothing;
    /// Takes a provider off, and its key out of the keychain.
    remove_provider(ProviderRequest) -> ProviderRemoved;
    /// Sets a provider's daily cap, or takes it off.
    set_cap(CapRequest) -> Nothing;
    /// Tries a provider by asking for the list of its models, which costs nothing.
    test_provider(ProviderRequest) -> ProviderTest;
    /// Looks for model servers on this machine.
    find_servers(Nothing) -> FoundServers;
    /// The price table, and the models without a price.
    prices(PricesRequest) -> PricesView;
    /// Which row prices a model today, and who disagrees.
    model_price(ModelPriceRequest) -> ModelPrice;
    /// Keeps a price of one's own, which wins over all others.
    save_price(SavePriceRequest) -> Nothing;
    /// Takes a price of one's own off.
    remove_price(OwnPriceRequest) -> Nothing;
}
