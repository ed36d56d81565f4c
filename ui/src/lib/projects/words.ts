// How runs, metrics and comparisons are put into words. Rust computes; this only writes what it sent, in the style of
// `$lib/format`. Wire amounts of money are dollars as numbers; `format.usd` takes picodollars.
import { change, count, date, duration, durationRange, noData, percent, percentRange, plural, points, usd, type Maybe } from '$lib/format';
import type { Tone } from '$lib/components/tone';
import type { Comparison } from '$lib/backend/types/Comparison';
import type { GateVerdict } from '$lib/backend/types/GateVerdict';
import type { Interval } from '$lib/backend/types/Interval';
import type { Metric } from '$lib/backend/types/Metric';
import type { Purpose } from '$lib/backend/types/Purpose';
import type { ResultFilter } from '$lib/backend/types/ResultFilter';
import type { RunStatus } from '$lib/backend/types/RunStatus';
import type { RunSummary } from '$lib/backend/types/RunSummary';
import type { Unit } from '$lib/backend/types/Unit';
import type { Verdict } from '$lib/backend/types/Verdict';

const minus = '\u2212';
const space = '\u00a0';

/** Dollars on the wire, written exactly: 0.0031 -> "$0.0031". */
export function dollars(value: Maybe<number>, digits?: number): string {
  return typeof value === 'number' && Number.isFinite(value) ? usd(BigInt(Math.round(value * 1e12)), digits) : noData;
}

function score(value: Maybe<number>): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(2).replace('-', minus) : noData;
}

/** A value with its unit; one decimal where rounding would say "all" or "none" of something that is not. */
export function inUnit(unit: Unit, value: Maybe<number>): string {
  switch (unit) {
    case 'share': return percent(value, typeof value === 'number' && ((value > 0 && value < 0.005) || (value > 0.995 && value < 1)) ? 1 : 0);
    case 'milliseconds': return duration(value);
    case 'usd': return dollars(value);
    case 'score': return score(value);
    case 'count': return count(value);
  }
}

/** An interval without its unit, open ends in words; undefined where there is none. */
export function rangeInUnit(unit: Unit, interval: Maybe<Pick<Interval, 'low' | 'high'> & Partial<Interval>>): string | undefined {
  const low = interval?.low ?? null;
  const high = interval?.high ?? null;
  if (low === null && high === null) return undefined;
  if (low === null) return `at most ${inUnit(unit, high)}`;
  if (high === null) return `at least ${inUnit(unit, low)}`;
  switch (unit) {
    case 'share': return percentRange(low, high);
    case 'milliseconds': return durationRange(low, high);
    case 'usd': return `${dollars(low).replace('$', '')} to ${dollars(high).replace('$', '')}`;
    case 'score': return `${score(low)} to ${score(high)}`;
    case 'count': return `${count(low)} to ${count(high)}`;
  }
}

/** Decimals of a dollar that show a difference between amounts of this size. */
const finer = (size: number): number => (size > 0 ? Math.min(8, Math.max(2, 2 - Math.floor(Math.log10(size)))) : 4);

/** A difference with its sign and unit: "+2 points", "−180 ms", "+0.04". `size`: how large what differs is, for money. */
export function differenceInUnit(unit: Unit, value: number, size?: number): string {
  if (unit === 'share') return points(value);
  const text = unit === 'usd' && size !== undefined ? dollars(Math.abs(value), finer(size)) : inUnit(unit, Math.abs(value));
  return `${!/[1-9]/.test(text) ? '' : value < 0 ? minus : '+'}${text}`;
}

/** The interval of a difference: "−4 to +9", in points where the unit is a share. */
export function differenceRange(unit: Unit, interval: Maybe<Interval>, size?: number): string | undefined {
  if (interval?.low == null || interval.high == null) return undefined;
  const side = (v: number): string => differenceInUnit(unit, v, size).replace(/\u00a0points?$/, '').replace('$', '');
  return `${side(interval.low)} to ${side(interval.high)}`;
}

/** How large the two values are that a comparison holds against each other. */
export const sizeOf = (c: Comparison): number => Math.max(Math.abs(c.before), Math.abs(c.after));

/** "p = 0.03", "p < 0.001". */
export function pText(p: Maybe<number>): string | undefined {
  if (typeof p !== 'number') return undefined;
  if (p < 0.001) return '< 0.001';
  if (p >= 0.9995) return '1';
  return p.toFixed(p < 0.1 ? 3 : 2);
}

/** What a comparison says, in words. Inside the noise it says exactly that. */
export function verdictOf(c: Comparison): { text: string; tone: Tone } {
  if (c.graders_differ) return { text: 'not comparable: the graders differ', tone: 'plain' };
  if (!c.distinguishable) return { text: 'not distinguishable', tone: 'plain' };
  if (c.improved === null) return { text: 'changed', tone: 'plain' };
  return c.improved ? { text: 'better', tone: 'pass' } : { text: 'worse', tone: 'fail' };
}

/** What the cases would have shown, where they showed nothing: "9 points or more would show". */
export function wouldShow(c: Comparison): string | undefined {
  if (c.distinguishable || c.detectable === null) return undefined;
  return `${differenceInUnit(c.unit, c.detectable, c.detectable).replace('+', '')} or more would show`;
}

/** "Pass rate: +2 points, not distinguishable." */
export function sentenceOf(c: Comparison): string {
  const range = differenceRange(c.unit, c.interval, sizeOf(c));
  return `${c.label} ${differenceInUnit(c.unit, c.difference, sizeOf(c))}${range ? ` (${range})` : ''}: ${verdictOf(c).text}`;
}

export const purposes: readonly { value: Purpose; label: string; meaning: string }[] = [
  { value: 'candidate', label: 'Candidate', meaning: 'One you could release, on the whole suite. Only candidates make claims and close weeks.' },
  { value: 'experiment', label: 'Experiment', meaning: 'Trying something out. It stays in the history and claims nothing.' },
  { value: 'drill', label: 'Drill', meaning: 'A fault made on purpose, to see what holds.' },
  { value: 'lab', label: 'Lab', meaning: 'Part of a guided lab.' },
  { value: 'canary', label: 'Canary', meaning: 'A watch on the provider: has the model changed under you?' }
];

export function gateOf(verdict: GateVerdict): { text: string; short: string; tone: Tone } {
  switch (verdict) {
    case 'passed': return { text: 'Gate passed', short: 'passed', tone: 'pass' };
    case 'failed': return { text: 'Gate failed', short: 'failed', tone: 'fail' };
    case 'unset': return { text: 'Gate not set', short: 'not set', tone: 'warn' };
  }
}

/** `short` stands in a column of verdicts, where “failed” is what a gate says. */
export function statusOf(status: RunStatus): { text: string; short: string; tone: Tone } {
  switch (status) {
    case 'running': return { text: 'Running', short: 'running', tone: 'accent' };
    case 'finished': return { text: 'Finished', short: 'finished', tone: 'plain' };
    case 'cancelled': return { text: 'Stopped', short: 'stopped', tone: 'warn' };
    case 'interrupted': return { text: 'Interrupted', short: 'interrupted', tone: 'warn' };
    case 'failed': return { text: 'Failed', short: 'broke off', tone: 'fail' };
  }
}

export function verdictWords(verdict: Verdict): { text: string; tone: Tone } {
  switch (verdict) {
    case 'met': return { text: 'met', tone: 'pass' };
    case 'met_not_certain': return { text: 'met, not certain', tone: 'warn' };
    case 'not_met': return { text: 'not met', tone: 'fail' };
    case 'not_measured': return { text: 'not measured', tone: 'fail' };
  }
}

/** Seven digits are enough to tell two contents apart by eye. */
export const shortHash = (hash: string): string => hash.slice(0, 7);

export function metricOf(run: RunSummary, name: string): Metric | undefined {
  return run.metrics.find((m) => m.name === name);
}

export function modelsText(run: RunSummary): string {
  const names = run.target.models.map((m) => m.name).filter((n) => n !== 'unreported');
  return names.length === 0 ? 'model not reported' : names.join(' and ');
}

/** "golden @ 4f2a91c, 100 cases, gpt-5-mini, 41 s, $0.29": the quiet half of the line that a run's screen begins with. */
export function captionOf(run: RunSummary, wallSeconds: number | null): string {
  const commit = run.target.git_commit;
  const parts = [
    run.suite_name + (commit ? ` @ ${shortHash(commit)}${run.target.git_dirty ? ' and uncommitted changes' : ''}` : ''),
    run.status === 'running' || run.trials === 0 ? `${plural(run.planned, 'result')} asked for` : run.repeat > 1 ? `${plural(run.cases, 'case')} × ${run.repeat}` : plural(run.cases, 'case')
  ];
  if (run.trials > 0 && run.status !== 'running') parts.push(modelsText(run));
  if (wallSeconds !== null) parts.push(duration(wallSeconds * 1000));
  if (run.cost_usd !== null) parts.push(dollars(run.cost_usd));
  return parts.join(', ');
}

/** "Pass rate 84 %, 95 % interval 76 to 90, threshold 85 %": what a screen reader hears of an interval bar. */
export function heard(metric: Metric, threshold?: number | null): string {
  const range = rangeInUnit(metric.unit, metric.interval);
  const parts = [`${metric.label} ${inUnit(metric.unit, metric.value)}`];
  if (range) parts.push(`95${space}% interval ${range}`);
  parts.push(`n ${count(metric.n)}`);
  if (threshold != null) parts.push(`threshold ${inUnit(metric.unit, threshold)}`);
  return parts.join(', ');
}

/** The line under a project's or run's name: "today", "8 days ago, 12 Nov". */
export function ago(at: Maybe<string>, words: (at: string) => string): string {
  return at == null ? 'never' : `${words(at)}, ${date(at, 'short')}`;
}

/** How far a metric reaches and on how many observations it stands: "76 to 90, n 100". */
export function standing(metric: Metric): string {
  const range = rangeInUnit(metric.unit, metric.interval);
  return `${range === undefined ? '' : `${range}, `}n ${count(metric.n)}`;
}

/** What a reader has to know of a run before its numbers, a sentence each. Only what weakens them is a warning. */
export function notesOf(run: RunSummary): { text: string; tone: Tone }[] {
  const notes: { text: string; tone: Tone }[] = [];
  const warn = (text: string): void => void notes.push({ text, tone: 'warn' });
  if (run.stopped) warn(`The run was stopped: ${run.stopped}.`);
  if (run.gate.post_hoc) warn(`The criteria were changed after results on this dataset had been seen (${run.gate.post_hoc}). They describe this run; they no longer test it.`);
  if (run.shard) warn(`This is shard ${run.shard} only; the merged run has the whole.`);
  if (run.skipped_rows > 0) warn(`${plural(run.skipped_rows, 'bad row')} of the dataset ${run.skipped_rows === 1 ? 'was' : 'were'} passed over.`);
  if (run.retries > 0) warn(`${plural(run.retries, 'call')} ${run.retries === 1 ? 'was' : 'were'} made again after a failure of the provider or the network; each case has the attempts.`);
  if (run.cached > 0) warn(`${plural(run.cached, 'answer')} came from the response cache, with the latency and cost of the time ${run.cached === 1 ? 'it was' : 'they were'} asked.`);
  const r = run.repeats;
  if (r) {
    const rate = `${count(r.disagreeing)} of ${plural(r.cases, 'repeated case')} did not always give the same verdict; two repeats of a case disagree ${inUnit('share', r.flip_rate)} of the time (95${space}% interval ${percentRange(...r.flip_interval)})`;
    if (r.verdict === 'stable') notes.push({ text: `Stable: ${rate}.`, tone: 'plain' });
    else warn(r.verdict === 'flaky' ? `Flaky: ${rate}.` : `${rate}. That is not enough to call the suite stable or flaky.`);
  }
  return notes;
}

/** What differs between two runs, as a sentence. */
export function differsText(differs: readonly string[], before: number): string {
  if (differs.length === 0) return `Nothing that the app can see differs from run ${before}: same source, configuration, dataset and model. Environment variables and hidden files are not seen; what is left is chance.`;
  const list = differs.length === 1 ? differs[0] : `${differs.slice(0, -1).join(', ')} and ${differs[differs.length - 1]}`;
  return `Since run ${before} the ${list} changed${differs.length > 1 ? ', so no single one of them explains the difference' : ''}.`;
}

/** One file within a project, as a path that the system can open. */
export function pathIn(folder: string, path: string): string {
  const sign = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.replace(/[\\/]+$/, '') + sign + (sign === '\\' ? path.replaceAll('/', '\\') : path);
}

export const noFilter: ResultFilter = { passed: null, failure: null, category: null, text: null, flipped_since: null };

/** A run's address among its project's screens carries the filter as one word; this reads it. */
export function filterOf(chip: string, text: string, previous: string | null): ResultFilter {
  const filter: ResultFilter = { ...noFilter, text: text.trim() || null };
  if (chip === 'failed') filter.passed = false;
  else if (chip.startsWith('why:')) filter.failure = chip.slice(4);
  else if (chip.startsWith('in:')) filter.category = chip.slice(3);
  else if ((chip === 'gained' || chip === 'lost') && previous !== null) filter.flipped_since = { run: previous, flip: chip };
  return filter;
}

/** An answer in pieces: plain text and citations ("[returns-gifts]"), so that each citation can be marked. */
export function citations(answer: string): { text: string; id: string | null }[] {
  const pieces: { text: string; id: string | null }[] = [];
  let at = 0;
  for (const match of answer.matchAll(/\[([\w.:/#-]{2,80})\]/g)) {
    if (match.index > at) pieces.push({ text: answer.slice(at, match.index), id: null });
    pieces.push({ text: match[0], id: match[1] ?? null });
    at = match.index + match[0].length;
  }
  if (at < answer.length) pieces.push({ text: answer.slice(at), id: null });
  return pieces;
}

/** JSON is shown indented; anything else as it came. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export { change };
