import { describe, expect, it } from 'vitest';
import { inOneLine } from './contract';

describe('a problem in one line', () => {
  it('ends what happened before it says what to do next', () => {
    expect(inOneLine({ code: 'refused', message: 'the second pass has judged it', hint: 'Change the second pass instead.' })).toBe('the second pass has judged it. Change the second pass instead.');
    expect(inOneLine({ code: 'refused', message: 'Nothing was written.', hint: 'Open the run again.' })).toBe('Nothing was written. Open the run again.');
    expect(inOneLine({ code: 'unexpected', message: 'Nothing was written.', hint: null })).toBe('Nothing was written.');
  });
});
