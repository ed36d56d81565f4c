// What every screen may need to know of the app: version, folders, starters, runs that go on or can be resumed. Asked for
// at the start and again when the person moves about, since a run begins and ends in other rooms. The rail reads from here.
import { goto } from '$app/navigation';
import { toast } from './announce.svelte';
import { appearance } from './appearance.svelte';
import { backend, toBackendError, type BackendError } from './backend';
import type { AppState } from './backend/types/AppState';
import type { Command } from './backend/types/Command';
import type { ProjectRow } from './backend/types/ProjectRow';
import type { ResumableRun } from './backend/types/ResumableRun';
import type { RunningRun } from './backend/types/RunningRun';
import type { Settings } from './backend/types/Settings';
import type { StripWeek } from './backend/types/StripWeek';
import { count } from './format';
import { jobs } from './jobs.svelte';
import { roomCounts } from './rooms.svelte';
import { href } from './route';

class App {
  state = $state.raw<AppState | undefined>(undefined);
  error = $state.raw<BackendError | undefined>(undefined);
  projects = $state.raw<ProjectRow[]>([]);
  weeks = $state.raw<StripWeek[]>([]);
  thisWeek = $state.raw<number | null>(null);
  #saving: Promise<void> = Promise.resolve();
  #followed = new Map<string, () => void>();

  /** Runs to offer for resuming: those that were not waved away. Their own pages still offer it. */
  resumable = $derived<ResumableRun[]>((this.state?.resumable ?? []).filter((r) => !this.state?.settings.dismissed_runs.includes(r.run)));

  /** Nothing was chosen yet and nobody said "later". */
  get wantsSetup(): boolean {
    return this.state !== undefined && !this.state.set_out && !this.state.settings.setup_skipped;
  }

  skipSetup(): void {
    void this.#keep({ setup_skipped: true }, 'That the set-up comes later could not be kept.');
  }

  /** Changes some of the settings: at once on the screen, then in the database. Each takes what was last sent as its ground. */
  async #keep(change: Partial<Settings>, failed: string): Promise<void> {
    if (!this.state) return;
    const settings = { ...this.state.settings, ...change };
    this.state = { ...this.state, settings };
    this.#saving = this.#saving.then(() => backend.call('save_settings', settings)).then(
      () => undefined,
      (thrown: unknown) => void toast(`${failed} ${toBackendError(thrown).message}`, { tone: 'warn' })
    );
    await this.#saving;
  }

  /** The first question of all; what was set is applied before anything is drawn. */
  async start(): Promise<void> {
    await this.#load();
    if (this.state) appearance.adopt(this.state.settings.theme, this.state.settings.text_zoom / 100);
    appearance.onchange = (theme, zoom) => void this.#keep({ theme, text_zoom: Math.round(zoom * 100) }, 'The appearance could not be kept.');
    void this.#count();
  }

  /** Asks again; for after something was recorded, made, started or ended. */
  refresh = async (): Promise<void> => {
    await Promise.all([this.#load(), this.#count()]);
  };

  async #load(): Promise<void> {
    try {
      await this.#saving;
      this.state = await backend.call('app_state', {});
      this.error = undefined;
      for (const run of this.state.running) void this.follow(run);
    } catch (thrown) {
      this.error = toBackendError(thrown);
    }
  }

  /** The figures at the right of the rooms, and what the palette lists. What cannot be had is left out. */
  async #count(): Promise<void> {
    const [today, projects] = await Promise.allSettled([backend.call('today', {}), backend.call('projects', {})]);
    if (today.status === 'fulfilled') {
      const { progress, strip, week, set_out } = today.value.today;
      roomCounts.roadmap = set_out ? `${progress.weeks_closed}/${progress.weeks_total}` : undefined;
      this.weeks = strip;
      this.thisWeek = week?.number ?? null;
    }
    if (projects.status === 'fulfilled') {
      this.projects = projects.value.projects;
      roomCounts.projects = this.projects.length > 0 ? count(this.projects.length) : undefined;
    }
  }

  /** Shows a run in the foot of the rail until it ends. Safe to call twice. */
  async follow(run: RunningRun): Promise<void> {
    if (this.#followed.has(run.run)) return;
    this.#followed.set(run.run, () => undefined);
    const to = href.run(run.project, run.run);
    const label = `Run ${run.number} of ${run.project_name}`;
    const put = (done: number, total: number): void => jobs.put({ id: run.run, label, done, total, href: to });
    put(run.done, run.planned);
    const end = (): void => {
      jobs.remove(run.run);
      this.#followed.get(run.run)?.();
      this.#followed.delete(run.run);
    };
    try {
      const stop = await backend.watchRun(run.run, (event) => {
        if (event.kind === 'progress') put(event.done, event.planned);
        if (event.kind !== 'ended') return;
        end();
        void this.refresh();
        if (location.pathname === to) return;
        const words = { finished: 'has finished', cancelled: 'was cancelled', interrupted: 'was interrupted', failed: 'failed', running: 'goes on' }[event.status];
        toast(`${label} ${words}.`, { tone: event.status === 'finished' ? 'pass' : event.status === 'failed' ? 'fail' : 'plain', action: { label: 'Open', run: () => void goto(to) } });
      });
      if (this.#followed.has(run.run)) this.#followed.set(run.run, stop);
      else stop();
    } catch {
      end();
    }
  }

  async resume(run: ResumableRun): Promise<void> {
    const started = await backend.call('resume_run', { run: run.run });
    await goto(href.run(run.project, started.run));
    void this.refresh();
  }

  dismiss(run: ResumableRun): void {
    const before = this.state?.settings.dismissed_runs ?? [];
    void this.#keep({ dismissed_runs: [...before, run.run] }, 'That this was dismissed could not be kept.');
  }
}

export const app = new App();

/** Records what the person did or decided, and brings the rail up to date. Throws a BackendError when it is refused. */
export async function record(command: Command): Promise<void> {
  await backend.call('record', { command });
  void app.refresh();
}
