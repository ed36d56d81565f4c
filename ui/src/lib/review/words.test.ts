import { describe, expect, it } from 'vitest';
import type { QueueItem } from '$lib/backend/types/QueueItem';
import { nextMark, nextOpen } from './words';

const item = (case_index: number, reviewed = false): QueueItem => ({
  case_index, repeat: 0, case_id: `case-${case_index}`, category: 'plain', question: '', risk: 0, reasons: [], rubrics: [],
  review: reviewed ? { pass: 'first', reviewer: 'Ada', passed: true, marks: { correct: null, valuable: null, aligned: null }, points: [], note: '', reviewed_at: '2026-11-02T09:30:00Z' } : null
});

describe('the way through the queue', () => {
  it('goes to the next open result, then from the top, and ends', () => {
    const items = [item(0), item(1, true), item(2), item(3, true)];
    expect(nextOpen(items, 0, new Set())).toBe(2);
    expect(nextOpen(items, 2, new Set())).toBe(0);
    expect(nextOpen(items, 2, new Set(['0.0']))).toBe(-1);
    expect(nextOpen([], 0, new Set())).toBe(-1);
  });
  it('says yes, no and nothing in turn', () => {
    expect([null, true, false].map(nextMark)).toEqual([true, false, null]);
  });
});
