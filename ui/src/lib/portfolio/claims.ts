// How a claim is shown: its state in a word and a colour, its line in the ledger, and the tokens that quote it.
import type { Claim } from '$lib/backend/types/Claim';
import type { ClaimState } from '$lib/backend/types/ClaimState';
import type { Tone } from '$lib/components/tone';

export const stateTone: Record<ClaimState, Tone> = { holds: 'pass', stale: 'warn', weak: 'warn', not_distinguishable: 'plain', refused: 'fail' };
export const stateWord: Record<ClaimState, string> = { holds: 'holds', stale: 'stale', weak: 'weak', not_distinguishable: 'not distinguishable', refused: 'refused' };

/** A figure stays with its unit at the end of a line: "91 %", "2.31 s", "+13 points". */
const together = (text: string): string => text.replace(/(\d) (?=%|(?:ms|s|points?|cases?|trials?)(?!\w))/g, '$1\u00a0');

/** The claim in a line, without what stands below it: "Pass rate rose from 61 % to 80 %". The whole of it is `sentence`. */
export const headline = (claim: Claim): string => together(inWords(claim));

function inWords(claim: Claim): string {
  const change = claim.change;
  if (!change) return claim.kind === 'level' ? `${claim.label} ${claim.value_text}` : claim.sentence;
  if (!change.distinguishable) return `${claim.label} ${change.before_text} before, ${change.after_text} after`;
  return `${claim.label} ${change.difference > 0 ? 'rose' : 'fell'} from ${change.before_text} to ${change.after_text}`;
}

/** What stands behind it: "100 cases, paired +19 points, 11 to 27". */
export function behind(claim: Claim): string {
  const change = claim.change;
  const whole = (interval: string | null): string | undefined => interval?.replaceAll(' ', '\u00a0');
  const parts = change ? [claim.n_text, `paired ${change.difference_text}`, whole(change.interval_text)] : [claim.n_text, whole(claim.interval_text) ?? 'no interval'];
  return together(parts.filter(Boolean).join(', '));
}

export interface ClaimToken {
  /** As it stands between the brackets: `pass-rate.interval`. */
  token: string;
  /** What it reads as. */
  text: string;
  /** What it is, in words. */
  what: string;
}

/** Every token that quotes this claim. One without something to say (an interval that the sample does not allow) is left out. */
export function tokensOf(claim: Claim): ClaimToken[] {
  const change = claim.change;
  const all: [string, string | null | undefined, string][] = [
    ['', claim.value_text, claim.label],
    ['interval', change ? change.interval_text : claim.interval_text, 'its interval'],
    ['n', String(claim.n), 'how many were measured'],
    ['before', change?.before_text, 'value before'],
    ['after', change?.after_text, 'value after'],
    ['difference', change?.difference_text, 'paired difference'],
    ['sentence', claim.sentence, 'all of it as one sentence'],
    ['runs', claim.runs_text, 'which runs'],
    ['dates', claim.dates_text, 'when']
  ];
  return all.flatMap(([field, text, what]) => (text ? [{ token: field ? `${claim.slug}.${field}` : claim.slug, text, what }] : []));
}

/** Letters, digits and hyphens, a letter first: what Rust takes as a token name. */
export const isSlug = (text: string): boolean => /^[a-z][a-z0-9-]{0,63}$/.test(text);

/** A token name made of a metric's name: `latency_p95` -> `latency-p95`. */
export function slugFor(metric: string, change: boolean, taken: readonly string[]): string {
  let base = metric.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 48);
  if (!isSlug(base)) base = `metric-${base}`.replace(/-+$/, '');
  if (change) base += '-change';
  let free = base;
  for (let n = 2; taken.includes(free); n++) free = `${base}-${n}`;
  return free;
}
