import { describe, expect, it } from 'vitest';
import type { Mapping } from '$lib/backend/types/Mapping';
import { at, point, reads, rolesAt, rows } from './tree';

const body = {
  reply: { text: 'Thirty days.', 'a/b~c': 1 }, sources: ['kb-1', 'kb-2'], unsure: false,
  hits: [{ doc: { key: 'kb-1' }, body: 'Refunds', tags: ['x'] }, { doc: { key: 'kb-2' }, body: 'Returns', tags: [] }, {}, {}, {}], usage: { in: 9 }, nothing: null
};
const none: Mapping = { answer: null, citations: null, passages: null, passage_id: null, passage_text: null, refused: null, model: null, input_tokens: null, output_tokens: null };
const mapped = (role: keyof Mapping, pointer: string, from = none): Mapping | string => {
  const p = point(body, from, role, pointer);
  return p.ok ? p.mapping : p.why;
};

describe('a response as a tree', () => {
  it('escapes names in pointers and finds them again', () => {
    expect(rows(body, new Set()).map((r) => r.pointer)).toContain('/reply/a~1b~0c');
    expect(at(body, '/reply/a~1b~0c')).toBe(1);
  });
  it('draws the first three items of a list and says how many more there are', () => {
    const all = rows(body, new Set());
    expect(all.filter((r) => r.parent === '/hits').map((r) => r.name)).toEqual(['1', '2', '3']);
    expect(all.find((r) => r.pointer === '/hits')?.more).toBe(2);
  });
  it('leaves out what lies in a closed row', () => expect(rows(body, new Set(['/hits'])).some((r) => r.pointer.startsWith('/hits/'))).toBe(false));
});

describe('pointing', () => {
  it('takes a text as the answer and refuses a group of fields', () => {
    expect(mapped('answer', '/reply/text')).toMatchObject({ answer: '/reply/text' });
    expect(mapped('answer', '/reply')).toMatch(/group of fields/);
  });
  it('takes the list when one of its items is chosen', () => expect(mapped('citations', '/sources/1')).toMatchObject({ citations: '/sources' }));
  it('makes pointers within a passage relative to it, and finds the list by itself', () => {
    expect(mapped('passage_id', '/hits/1/doc/key')).toMatchObject({ passages: '/hits', passage_id: '/doc/key' });
    expect(mapped('passage_text', '/reply/text')).toMatch(/inside one of the passages/);
  });
  it('asks for the right kind', () => {
    expect(mapped('refused', '/unsure')).toMatchObject({ refused: '/unsure' });
    expect(mapped('refused', '/reply/text')).toMatch(/true or false is needed/);
    expect(mapped('input_tokens', '/usage/in')).toMatchObject({ input_tokens: '/usage/in' });
    expect(mapped('model', '/nothing')).toMatch(/empty/);
  });
  it('shows on the tree what was chosen', () => {
    const mapping = { ...none, passages: '/hits', passage_id: '/doc/key' };
    expect(rolesAt(mapping, '/hits/0/doc/key').map((r) => r.role)).toEqual(['passage_id']);
    expect(reads(body, mapping, 'passage_id')).toBe('kb-1');
    expect(reads(body, mapping, 'answer')).toBeNull();
  });
});
