import { describe, expect, it } from 'vitest';
import { Text } from '@codemirror/state';
import { gaps, headingLine, position, range, sectionOf } from './places';
import { isSlug, slugFor } from './claims';

const doc = (text: string): Text => Text.of(text.split('\n'));
const refusal = (line: number, column: number, excerpt: string) => ({ line, column, excerpt, reason: '', hint: '' });

describe('places in a text', () => {
  it('counts characters as Rust does', () => {
    const text = doc('😀 é 91 %\nx');
    expect(position(text, 1, 5)).toBe(5);
    expect(text.sliceString(position(text, 1, 5), text.line(1).to)).toBe('91 %');
  });
  it('keeps inside the text', () => {
    expect(position(doc('ab'), 9, 9)).toBe(2);
    expect(position(doc('ab\ncdef'), 1, 99)).toBe(2);
  });
  it('marks the excerpt', () => expect(range(doc('It rose by 40 % since'), refusal(1, 12, '40 %'))).toEqual({ from: 11, to: 15 }));
  it('follows an excerpt over a line break', () => expect(range(doc('a forty\n  two b'), refusal(1, 3, 'forty two'))).toEqual({ from: 2, to: 13 }));
  it('marks the word when the excerpt is gone', () => expect(range(doc('a changed b'), refusal(1, 3, 'forty'))).toEqual({ from: 2, to: 9 }));
  it('marks the line when nothing stands there', () => expect(range(doc('abc '), refusal(1, 5, 'x'))).toEqual({ from: 0, to: 4 }));
});

describe('sections', () => {
  it('reads headings as Rust does', () => {
    expect(sectionOf('Non‑goals')).toBe('non_goals');
    expect(sectionOf('What failed and how it was fixed')).toBe('what_failed');
    expect(sectionOf('Thanks')).toBe('other');
  });
  it('finds a heading', () => {
    expect(headingLine('# T\n\n## Approach\n', 'approach')).toBe(3);
    expect(headingLine('# T\n', 'approach')).toBeNull();
  });
  it('says nothing twice', () => {
    const text = '# T\n\n## Non-goals\n\nx 3\n';
    const found = gaps({
      ok: false, missing_sections: ['non_goals', 'problem'], tokens_used: [], stated: [], reading_minutes: 1, words: 3, standing: 'measured',
      refusals: [
        { line: 3, column: 1, excerpt: '## Non-goals', reason: 'The section “Non-goals” is empty.', hint: 'Write what it leaves out on purpose. Or take the heading out.' },
        { line: 5, column: 3, excerpt: '3', reason: 'A number without a claim.', hint: 'Numbers enter as tokens.' },
        { line: 6, column: 1, excerpt: '', reason: 'The section “Problem” is missing.', hint: 'Add a heading `## Problem` and write it: what was wrong, and for whom.' }
      ]
    }, text);
    expect(found.refusals.map((r) => r.line)).toEqual([5]);
    expect(found.sections).toEqual([
      { kind: 'non_goals', name: 'Non-goals', hint: 'Write what it leaves out on purpose.', line: 3 },
      { kind: 'problem', name: 'Problem', hint: 'Write what was wrong, and for whom.', line: null }
    ]);
  });
});

describe('token names', () => {
  it('knows a good one', () => {
    expect(isSlug('pass-rate-2')).toBe(true);
    expect(isSlug('2-pass')).toBe(false);
    expect(isSlug('Pass')).toBe(false);
  });
  it('makes a free one', () => {
    expect(slugFor('latency_p95', false, [])).toBe('latency-p95');
    expect(slugFor('pass_rate', true, ['pass-rate-change'])).toBe('pass-rate-change-2');
    expect(slugFor('95 %', false, [])).toBe('metric-95');
  });
});
