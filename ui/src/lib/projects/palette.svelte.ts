// What the palette reaches of projects from every room: starting a suite, each project's newest run, and by typing any run.
import { app } from '$lib/app.svelte';
import { backend } from '$lib/backend';
import { date } from '$lib/format';
import { contribute, contributeSearch } from '$lib/palette.svelte';
import { href } from '$lib/route';

export function contributeProjects(): void {
  contribute(() => app.projects.flatMap((p) => [
    { id: `start-${p.id}`, label: `Run the suite of ${p.name}`, group: 'Do', keywords: ['eval', 'start', 'measure'], href: href.project(p.id, { start: true }) },
    ...(p.last_run ? [{ id: `run-${p.last_run.run}`, label: `Run ${p.last_run.number} of ${p.name}`, group: 'Latest runs', note: date(p.last_run.started_at, 'short'), href: href.run(p.id, p.last_run.run) }] : [])
  ]));
  // "run 7", "candidate", a model's name: the histories are asked only when somebody types.
  contributeSearch(async (text) => {
    if (text.length < 2) return [];
    const views = await Promise.allSettled(app.projects.filter((p) => p.runs > 0).map((p) => backend.call('project', { project: p.id })));
    const wanted = text.toLowerCase();
    return views.flatMap((v) => (v.status === 'rejected' ? [] : v.value.runs.map((r) => ({ r, p: v.value.row }))))
      .filter(({ r, p }) => `run ${r.number} of ${p.name} ${r.purpose} ${r.status} ${r.suite_name} ${r.target.models.map((m) => m.name).join(' ')}`.toLowerCase().includes(wanted))
      .slice(0, 12)
      .map(({ r, p }) => ({ id: `run-${r.run}`, label: `Run ${r.number} of ${p.name}`, group: 'Runs', keywords: [r.purpose, r.status, r.suite_name, ...r.target.models.map((m) => m.name)], note: date(r.started_at, 'short'), href: href.run(p.id, r.run) }));
  });
}
