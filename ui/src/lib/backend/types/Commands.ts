// Generated from Rust by `cargo xtask bindings`. Do not edit.
import type { AddCaseRequest } from "./AddCaseRequest";
import type { AdoptRequest } from "./AdoptRequest";
import type { Adopted } from "./Adopted";
import type { AppState } from "./AppState";
import type { Bullet } from "./Bullet";
import type { CapRequest } from "./CapRequest";
import type { CaseAddition } from "./CaseAddition";
import type { CaseDraft } from "./CaseDraft";
import type { CaseStudyCheck } from "./CaseStudyCheck";
import type { CaseStudyFile } from "./CaseStudyFile";
import type { CheckTextRequest } from "./CheckTextRequest";
import type { ClaimNamedRequest } from "./ClaimNamedRequest";
import type { ClaimRequest } from "./ClaimRequest";
import type { ClaimsMade } from "./ClaimsMade";
import type { CompareRequest } from "./CompareRequest";
import type { CompareView } from "./CompareView";
import type { CorpusView } from "./CorpusView";
import type { CreateClaimRequest } from "./CreateClaimRequest";
import type { CreateStarterRequest } from "./CreateStarterRequest";
import type { DatasetPage } from "./DatasetPage";
import type { DatasetRequest } from "./DatasetRequest";
import type { DiffRequest } from "./DiffRequest";
import type { Estimate } from "./Estimate";
import type { ExportRequest } from "./ExportRequest";
import type { ExportReviewsRequest } from "./ExportReviewsRequest";
import type { Exported } from "./Exported";
import type { FileSaved } from "./FileSaved";
import type { FoundServers } from "./FoundServers";
import type { HistoryRequest } from "./HistoryRequest";
import type { HistoryView } from "./HistoryView";
import type { InspectRequest } from "./InspectRequest";
import type { Inspection } from "./Inspection";
import type { LabelRequest } from "./LabelRequest";
import type { LinkRequest } from "./LinkRequest";
import type { ModelPrice } from "./ModelPrice";
import type { ModelPriceRequest } from "./ModelPriceRequest";
import type { Nothing } from "./Nothing";
import type { OpenProjectRequest } from "./OpenProjectRequest";
import type { OwnPriceRequest } from "./OwnPriceRequest";
import type { PortfolioView } from "./PortfolioView";
import type { PricesRequest } from "./PricesRequest";
import type { PricesView } from "./PricesView";
import type { ProjectRequest } from "./ProjectRequest";
import type { ProjectRow } from "./ProjectRow";
import type { ProjectView } from "./ProjectView";
import type { Projects } from "./Projects";
import type { ProviderRemoved } from "./ProviderRemoved";
import type { ProviderRequest } from "./ProviderRequest";
import type { ProviderTest } from "./ProviderTest";
import type { ProvidersView } from "./ProvidersView";
import type { RecordRequest } from "./RecordRequest";
import type { ResultRequest } from "./ResultRequest";
import type { ResultReviews } from "./ResultReviews";
import type { ResultView } from "./ResultView";
import type { ResultsPage } from "./ResultsPage";
import type { ResultsRequest } from "./ResultsRequest";
import type { ReviewQueue } from "./ReviewQueue";
import type { ReviewQueueRequest } from "./ReviewQueueRequest";
import type { ReviewReport } from "./ReviewReport";
import type { ReviewView } from "./ReviewView";
import type { RoadmapView } from "./RoadmapView";
import type { RunRequest } from "./RunRequest";
import type { RunStarted } from "./RunStarted";
import type { RunView } from "./RunView";
import type { SaveCaseStudyRequest } from "./SaveCaseStudyRequest";
import type { SaveDatasetRequest } from "./SaveDatasetRequest";
import type { SavePriceRequest } from "./SavePriceRequest";
import type { SaveProviderRequest } from "./SaveProviderRequest";
import type { SaveReviewRequest } from "./SaveReviewRequest";
import type { SaveSuiteRequest } from "./SaveSuiteRequest";
import type { Settings } from "./Settings";
import type { SetupView } from "./SetupView";
import type { SkillsView } from "./SkillsView";
import type { StartRunRequest } from "./StartRunRequest";
import type { SuiteCheck } from "./SuiteCheck";
import type { SuiteFileRequest } from "./SuiteFileRequest";
import type { SuiteText } from "./SuiteText";
import type { SuiteTextRequest } from "./SuiteTextRequest";
import type { TodayScreen } from "./TodayScreen";
import type { TrustRequest } from "./TrustRequest";
import type { TryRequest } from "./TryRequest";
import type { TryResponse } from "./TryResponse";
import type { VariantsRequest } from "./VariantsRequest";
import type { VariantsView } from "./VariantsView";
import type { VersionDiff } from "./VersionDiff";

export type Commands = {
  /** What a front needs before it draws its first screen. */
  app_state: { request: Nothing; response: AppState };
  /** Keeps what the person set. */
  save_settings: { request: Settings; response: Nothing };
  /** The first screens: role families, competencies, and what was chosen so far. */
  setup: { request: Nothing; response: SetupView };
  /** The Today room. */
  today: { request: Nothing; response: TodayScreen };
  /** The Roadmap room. */
  roadmap: { request: Nothing; response: RoadmapView };
  /** The Skills room. */
  skills: { request: Nothing; response: SkillsView };
  /** Records something that the person did or decided: set out, scores, outputs, items, retros, dates. */
  record: { request: RecordRequest; response: Nothing };
  /** Links a run, a file or an address to a week, a month or an item. */
  link_artifact: { request: LinkRequest; response: Nothing };
  /** Every project. */
  projects: { request: Nothing; response: Projects };
  /** One project: suites, runs, charts. */
  project: { request: ProjectRequest; response: ProjectView };
  /** Makes a starter project in a new folder. */
  create_starter: { request: CreateStarterRequest; response: ProjectRow };
  /** Gets to know a folder that has a suite. */
  open_project: { request: OpenProjectRequest; response: ProjectRow };
  /** Says whether the app may run the project's commands. */
  trust_project: { request: TrustRequest; response: Nothing };
  /** Looks at a folder and proposes how its program starts and what to ask it. */
  inspect_folder: { request: InspectRequest; response: Inspection };
  /** Starts the program, asks one question, stops it, and shows what came back. */
  try_request: { request: TryRequest; response: TryResponse };
  /** Writes a suite of typed cases and makes the folder a project. */
  adopt_project: { request: AdoptRequest; response: Adopted };
  /** Starts a run. */
  start_run: { request: StartRunRequest; response: RunStarted };
  /** Goes on with a run that ended before its work did. */
  resume_run: { request: RunRequest; response: RunStarted };
  /** Asks the trials of a run once more that ended in an error. */
  retry_errors: { request: RunRequest; response: RunStarted };
  /** Stops a run; what is finished is kept. */
  cancel_run: { request: RunRequest; response: Nothing };
  /** Freezes a finished candidate as the baseline that later runs of its suite are held against. */
  freeze_baseline: { request: RunRequest; response: Nothing };
  /** Lets the baseline of a run's suite go. */
  release_baseline: { request: RunRequest; response: Nothing };
  /** One run: summary, tiles, comparison with the run before. */
  run: { request: RunRequest; response: RunView };
  /** A page of a run's results. */
  results: { request: ResultsRequest; response: ResultsPage };
  /** One trial with everything that was seen. */
  result: { request: ResultRequest; response: ResultView };
  /** The results of a run that people look at, riskiest first or at random. */
  review_queue: { request: ReviewQueueRequest; response: ReviewQueue };
  /** Keeps what a person thinks of a result. */
  save_review: { request: SaveReviewRequest; response: ReviewView };
  /** What people said of one result, and why it failed. */
  result_reviews: { request: ResultRequest; response: ResultReviews };
  /** Says why a result failed. */
  label_root_cause: { request: LabelRequest; response: Nothing };
  /** What the reviews of a run come to: agreement, disagreements, the corrected rate, root causes. */
  review_report: { request: RunRequest; response: ReviewReport };
  /** Writes the reviews of a run into the project's folder. */
  export_reviews: { request: ExportReviewsRequest; response: Exported };
  /** A result as a new case of its dataset, to be edited. */
  draft_case: { request: ResultRequest; response: CaseDraft };
  /** Adds a case to a dataset: shows the difference, then writes. */
  add_case: { request: AddCaseRequest; response: CaseAddition };
  /** Two runs held against each other. */
  compare: { request: CompareRequest; response: CompareView };
  /** Runs of one suite side by side, as variants to choose between. */
  variants: { request: VariantsRequest; response: VariantsView };
  /** What differs between the dataset, the suite and the rubrics of two runs, or of a run and the files now. */
  diff: { request: DiffRequest; response: VersionDiff };
  /** How a metric developed over the runs of a suite. */
  history: { request: HistoryRequest; response: HistoryView };
  /** The states of a project's corpus that its runs have seen. */
  corpus: { request: ProjectRequest; response: CorpusView };
  /** What a run would take, before anything starts. */
  estimate_run: { request: StartRunRequest; response: Estimate };
  /** A suite file as text. */
  suite_text: { request: SuiteFileRequest; response: SuiteText };
  /** What is wrong with a suite's text, without saving it. */
  check_suite_text: { request: SuiteTextRequest; response: SuiteCheck };
  /** Saves a suite's text. */
  save_suite_text: { request: SaveSuiteRequest; response: FileSaved };
  /** A page of a suite's dataset. */
  dataset: { request: DatasetRequest; response: DatasetPage };
  /** Changes rows of a suite's dataset. */
  save_dataset: { request: SaveDatasetRequest; response: FileSaved };
  /** A project's portfolio. */
  portfolio: { request: ProjectRequest; response: PortfolioView };
  /** Makes a claim of a run. */
  create_claim: { request: CreateClaimRequest; response: Nothing };
  /** Makes the claims that the case study's text names and the newest candidate offers. */
  claim_what_the_text_names: { request: ClaimNamedRequest; response: ClaimsMade };
  /** Takes a claim off. */
  remove_claim: { request: ClaimRequest; response: Nothing };
  /** Writes the case study's source once, from its template. */
  create_case_study: { request: ProjectRequest; response: CaseStudyFile };
  /** Saves the case study's source. */
  save_case_study: { request: SaveCaseStudyRequest; response: CaseStudyFile };
  /** Checks a case study's text without saving it. */
  check_case_study: { request: CheckTextRequest; response: CaseStudyCheck };
  /** Checks a bullet's text. */
  check_bullet: { request: CheckTextRequest; response: Bullet };
  /** Exports the case study as Markdown and as one HTML file. */
  export_case_study: { request: ExportRequest; response: Exported };
  /** The configured providers, what they cost today, and what can be added. */
  providers: { request: Nothing; response: ProvidersView };
  /** Adds a provider or changes one. A typed key goes into the keychain and nowhere else. */
  save_provider: { request: SaveProviderRequest; response: Nothing };
  /** Takes a provider off, and its key out of the keychain. */
  remove_provider: { request: ProviderRequest; response: ProviderRemoved };
  /** Sets a provider's daily cap, or takes it off. */
  set_cap: { request: CapRequest; response: Nothing };
  /** Tries a provider by asking for the list of its models, which costs nothing. */
  test_provider: { request: ProviderRequest; response: ProviderTest };
  /** Looks for model servers on this machine. */
  find_servers: { request: Nothing; response: FoundServers };
  /** The price table, and the models without a price. */
  prices: { request: PricesRequest; response: PricesView };
  /** Which row prices a model today, and who disagrees. */
  model_price: { request: ModelPriceRequest; response: ModelPrice };
  /** Keeps a price of one's own, which wins over all others. */
  save_price: { request: SavePriceRequest; response: Nothing };
  /** Takes a price of one's own off. */
  remove_price: { request: OwnPriceRequest; response: Nothing };
};
