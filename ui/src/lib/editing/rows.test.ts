import { describe, expect, it } from 'vitest';
import { fieldsOf } from './rows';

describe('fields of a case', () => {
  const before = { id: 'returns-001', question: 'How long?', relevant: ['returns-window'], refuse: false };

  it('keeps what was not typed, its order and its kinds', () => {
    const { fields, wrong } = fieldsOf(before, { question: 'How long?', relevant: '["returns-window"]' });
    expect(wrong).toEqual({});
    expect(JSON.stringify(fields)).toBe(JSON.stringify(before));
  });

  it('reads a list as a list and says what it expected', () => {
    expect(fieldsOf(before, { relevant: '["a","b"]' }).fields['relevant']).toEqual(['a', 'b']);
    expect(fieldsOf(before, { relevant: 'a, b' }).wrong['relevant']).toContain('list');
  });

  it('gives a new case the kinds that the other rows have', () => {
    const { fields } = fieldsOf({}, { id: '007', relevant: '["a"]', refuse: 'true', note: '[sic]' }, before);
    expect(fields).toEqual({ id: '007', relevant: ['a'], refuse: true, note: '[sic]' });
    expect(fieldsOf({}, { relevant: 'a' }, before).wrong['relevant']).toContain('list');
  });

  it('leaves an empty field away that was not there, and keeps one that was emptied', () => {
    const { fields } = fieldsOf({ id: 'a', fact: 'x' }, { fact: '', note: '' });
    expect(fields).toEqual({ id: 'a', fact: '' });
  });
});
