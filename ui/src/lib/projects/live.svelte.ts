// Runs that go on now. A run is followed from its start or from the first screen that shows it, and goes on being followed
// when the screen is left, so that coming back finds everything in place. The rail's line and the message at the end are
// `app.follow`'s.
import { untrack } from 'svelte';
import { page } from '$app/state';
import { backend, toBackendError, type BackendError, type RunEvent } from '$lib/backend';
import type { ResultRow } from '$lib/backend/types/ResultRow';
import type { RunStatus } from '$lib/backend/types/RunStatus';
import type { RunSummary } from '$lib/backend/types/RunSummary';
import { announce, toast } from '$lib/announce.svelte';
import { plural } from '$lib/format';
import { app } from '$lib/app.svelte';
import { href } from '$lib/route';

/** Enough to look back over what just happened; the whole of it is queried in pages when the run has ended. */
const kept = 200;

export class LiveRun {
  /** What is being made ready, before the first result. */
  preparing = $state('');
  done = $state(0);
  planned = $state(0);
  passed = $state(0);
  failed = $state(0);
  errored = $state(0);
  cost = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);
  /** Newest first. */
  rows = $state.raw<ResultRow[]>([]);
  ended = $state.raw<RunStatus | null>(null);
  /** Following did not work; the run itself may well go on. */
  error = $state.raw<BackendError | null>(null);
  cancelling = $state(false);

  constructor(readonly run: string, readonly number: number, readonly project: string, readonly projectName: string) {}

  take(event: RunEvent): void {
    if (event.kind === 'preparing') this.preparing = event.text;
    else if (event.kind === 'progress') {
      this.preparing = '';
      this.done = event.done;
      this.planned = event.planned;
      this.passed = event.passed;
      this.failed = event.failed;
      this.errored = event.errored;
      this.cost = event.cost_usd;
      this.secondsLeft = event.seconds_left;
      this.add(event.newest);
    }
  }

  /** Rows in the order in which they came; one that is there already is not shown twice. */
  add(rows: readonly ResultRow[]): void {
    const known = new Set(this.rows.map((r) => `${r.case_index}.${r.repeat}`));
    const fresh = rows.filter((r) => !known.has(`${r.case_index}.${r.repeat}`));
    if (fresh.length > 0) this.rows = [...[...fresh].reverse(), ...this.rows].slice(0, kept);
  }

  /** What the summary knows: the state of a run that began before anyone followed it. */
  seed(s: RunSummary): void {
    if (s.trials < this.done) return;
    this.done = s.trials;
    this.planned = s.planned;
    this.passed = s.passed;
    this.failed = s.failed;
    this.errored = s.errored;
    this.cost = s.cost_usd;
  }

  cancel = async (): Promise<void> => {
    if (this.cancelling) return;
    this.cancelling = true;
    try {
      await backend.call('cancel_run', { run: this.run });
    } catch (thrown) {
      this.cancelling = false;
      toast(toBackendError(thrown).message, { tone: 'fail' });
    }
  };
}

const followed = new Map<string, LiveRun>();

const endings: Record<RunStatus, string> = { running: 'goes on', finished: 'has finished', cancelled: 'was stopped', interrupted: 'was interrupted', failed: 'failed' };

async function begin(live: LiveRun): Promise<void> {
  live.error = null;
  let stop: (() => void) | undefined;
  const finish = (status: RunStatus): void => {
    if (live.ended !== null) return;
    live.ended = status;
    stop?.();
    followed.delete(live.run);
    // Whoever is elsewhere is told by `app.follow`; whoever looks at it sees it, or hears it here.
    if (page.url.pathname === href.run(live.project, live.run)) announce(`Run ${live.number} ${endings[status]}, ${plural(live.done, 'result')}.`);
  };
  try {
    stop = await backend.watchRun(live.run, (event) => {
      live.take(event);
      if (event.kind === 'ended') finish(event.status);
    });
    if (live.ended !== null) return stop();
    // It may have ended between the question and the subscription.
    const { summary } = await backend.call('run', { run: live.run });
    live.seed(summary);
    if (summary.status !== 'running') finish(summary.status);
  } catch (thrown) {
    live.error = toBackendError(thrown);
    stop?.();
    followed.delete(live.run);
  }
}

/** Follows a run, or gives the one that is followed already. Safe to call as often as one likes. */
export function follow(run: string, number: number, project: string, projectName: string): LiveRun {
  const known = followed.get(run);
  if (known) return known;
  return untrack(() => {
    const live = new LiveRun(run, number, project, projectName);
    followed.set(run, live);
    void begin(live);
    void app.follow({ run, number, project, project_name: projectName, done: 0, planned: 0 });
    return live;
  });
}
