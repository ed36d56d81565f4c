import { describe, expect, it } from 'vitest';
import type { Comparison } from '$lib/backend/types/Comparison';
import { citations, differenceInUnit, differenceRange, differsText, dollars, filterOf, inUnit, notesOf, pathIn, pText, pretty, rangeInUnit, sentenceOf, verdictOf, wouldShow } from './words';
import type { RunSummary } from '$lib/backend/types/RunSummary';

const space = '\u00a0';
const comparison: Comparison = {
  metric: 'pass_rate', label: 'Pass rate', unit: 'share', before: 0.84, after: 0.86, difference: 0.02, interval: { low: -0.04, high: 0.08, method: 'student_t' }, n: 100, p_value: 0.727, distinguishable: false, improved: null, detectable: 0.09, graders_differ: false
};

describe('figures', () => {
  it('writes a value in its unit and never says "all" of almost all', () => {
    expect(inUnit('share', 0.84)).toBe(`84${space}%`);
    expect(inUnit('share', 0.999)).toBe(`99.9${space}%`);
    expect(inUnit('milliseconds', 2310)).toBe(`2.31${space}s`);
    expect(inUnit('usd', 0.0031)).toBe('$0.0031');
    expect(inUnit('score', null)).toBe('no data');
    expect(dollars(0)).toBe('$0.00');
  });
  it('keeps an open end of an interval open', () => {
    expect(rangeInUnit('share', { low: 0.76, high: 0.9, method: 'wilson' })).toBe('76 to 90');
    expect(rangeInUnit('milliseconds', { low: 1980, high: null, method: 'order_statistics' })).toBe(`at least 1.98${space}s`);
    expect(rangeInUnit('share', null)).toBeUndefined();
  });
  it('signs differences, and money as finely as what differs', () => {
    expect(differenceInUnit('milliseconds', -148)).toBe(`−148${space}ms`);
    expect(differenceInUnit('usd', -0.0000171, 0.003)).toBe('−$0.00002');
    expect(differenceRange('share', comparison.interval)).toBe('−4 to +8');
    expect(differenceRange('usd', { low: -0.00004, high: 0.0000066, method: 'student_t' }, 0.003)).toBe('−0.00004 to +0.00001');
    expect(pText(0.0002)).toBe('< 0.001');
    expect(pText(0.727)).toBe('0.73');
  });
});

describe('comparisons in words', () => {
  it('says that noise is noise', () => {
    expect(sentenceOf(comparison)).toBe(`Pass rate +2${space}points (−4 to +8): not distinguishable`);
    expect(verdictOf({ ...comparison, distinguishable: true, improved: false })).toEqual({ text: 'worse', tone: 'fail' });
    expect(wouldShow(comparison)).toBe(`9${space}points or more would show`);
    expect(wouldShow({ ...comparison, distinguishable: true, improved: true })).toBeUndefined();
    expect(wouldShow({ ...comparison, detectable: null })).toBeUndefined();
  });
  it('says what differs, and when nothing does', () => {
    expect(differsText(['source'], 13)).toBe('Since run 13 the source changed.');
    expect(differsText(['source', 'model'], 13)).toContain('source and model changed, so no single one');
    expect(differsText([], 13)).toContain('chance');
  });
});

describe('addresses and texts', () => {
  it('warns of what weakens a run, and not of a suite that answers steadily', () => {
    const run = { stopped: null, gate: { post_hoc: null }, shard: null, skipped_rows: 1, retries: 0, cached: 0, repeats: { cases: 100, disagreeing: 2, flip_rate: 0.013, flip_interval: [0.004, 0.041], tolerance: 0.05, verdict: 'stable' } } as unknown as RunSummary;
    const [bad, steady] = notesOf(run);
    expect(bad).toEqual({ text: `1${space}bad row of the dataset was passed over.`, tone: 'warn' });
    expect(steady).toEqual({ text: `Stable: 2 of 100${space}repeated cases did not always give the same verdict; two repeats of a case disagree 1${space}% of the time (95${space}% interval 0 to 4).`, tone: 'plain' });
  });
  it('turns a chip into a filter', () => {
    expect(filterOf('failed', ' gift ', null)).toMatchObject({ passed: false, text: 'gift' });
    expect(filterOf('why:retrieval miss', '', null)).toMatchObject({ failure: 'retrieval miss', passed: null, text: null });
    expect(filterOf('lost', '', 'run-13').flipped_since).toEqual({ run: 'run-13', flip: 'lost' });
    expect(filterOf('lost', '', null).flipped_since).toBeNull();
  });
  it('finds citations and leaves other brackets alone', () => {
    expect(citations('Yes [a-1], not [really so].')).toEqual([{ text: 'Yes ', id: null }, { text: '[a-1]', id: 'a-1' }, { text: ', not [really so].', id: null }]);
  });
  it('joins a path as the folder is written', () => {
    expect(pathIn('/home/me/rag/', 'suites/a.yaml')).toBe('/home/me/rag/suites/a.yaml');
    expect(pathIn('C:\\rag', 'suites/a.yaml')).toBe('C:\\rag\\suites\\a.yaml');
  });
  it('indents JSON and leaves the rest', () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(pretty('not json')).toBe('not json');
  });
});
