// Addresses of the screens: the one place that spells them. `hrefOf` translates the routes that Rust sends along.
import type { Route } from './backend/types/Route';

const q = (params: Record<string, string | number | boolean | null | undefined>): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== null && value !== undefined && value !== false) search.set(key, value === true ? '1' : String(value));
  const text = search.toString();
  return text ? `?${text}` : '';
};
const seg = encodeURIComponent;

export const href = {
  today: (): string => '/',
  setup: (): string => '/setup',
  roadmap: (): string => '/roadmap',
  /** With `open` the week's page goes straight to defining its output or closing it. */
  week: (week: number, open?: 'output' | 'close'): string => `/roadmap${q({ week, do: open })}`,
  month: (month: number): string => `/roadmap${q({ month })}`,
  /** With a competency's id the room opens on it. */
  skills: (competency?: string): string => `/skills${q({ competency })}`,
  projects: (): string => '/projects',
  /** `own`: starts with a folder of one's own rather than the starters. */
  newProject: (own = false): string => `/projects/new${q({ own })}`,
  /** `start` opens the run's set-up at once. */
  project: (project: string, options: { start?: boolean } = {}): string => `/projects/${seg(project)}${q({ start: options.start })}`,
  /** With a case the page opens beside it. */
  run: (project: string, run: string, options: { failed?: boolean; case?: string } = {}): string => `/projects/${seg(project)}/runs/${seg(run)}${q({ show: options.failed ? 'failed' : null, case: options.case })}`,
  /** The results of a run that people look at. */
  review: (project: string, run: string): string => `/projects/${seg(project)}/runs/${seg(run)}/review`,
  /** A run whose project is not known: `routes/runs` looks it up and goes on to `run`. */
  runById: (run: string): string => `/runs/${seg(run)}`,
  compare: (project: string, before: string, after: string): string => `/projects/${seg(project)}/compare${q({ before, after })}`,
  /** Runs side by side, or those that measured the targets beside one run; without either, what was measured last. */
  variants: (project: string, options: { runs?: string[]; beside?: string } = {}): string => `/projects/${seg(project)}/variants${q({ runs: options.runs?.join(',') || null, beside: options.beside })}`,
  history: (project: string, options: { suite?: string | null; metric?: string | null } = {}): string => `/projects/${seg(project)}/history${q({ suite: options.suite, metric: options.metric })}`,
  /** A suite's files in their editors. */
  suite: (project: string, file: string, show?: 'dataset'): string => `/projects/${seg(project)}/suite${q({ file, show })}`,
  /** Every project's portfolio, or one's. */
  portfolio: (project?: string): string => (project === undefined ? '/portfolio' : `/portfolio/${seg(project)}`),
  settings: (): string => '/settings',
  providers: (): string => '/settings/providers',
  /** With a model the page opens on setting a price for it. */
  prices: (model?: string): string => `/settings/prices${q({ model })}`
} as const;

/** Where a route that came from Rust lies. */
export function hrefOf(route: Route): string {
  switch (route.to) {
    case 'setup': return href.setup();
    case 'roadmap': return href.roadmap();
    case 'week': return href.week(route.week);
    case 'month': return href.month(route.month);
    case 'skills': return href.skills();
    case 'new_project': return href.newProject();
    case 'project': return href.project(route.project);
    case 'start_run': return href.project(route.project, { start: true });
    case 'run': return href.run(route.project, route.run, { failed: route.only_failed });
    case 'portfolio': return href.portfolio();
  }
}
