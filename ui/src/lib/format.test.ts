import { describe, expect, it } from 'vitest';
import { change, count, date, daysFrom, duration, durationRange, noData, percent, percentRange, plural, points, usd } from './format';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('rates', () => {
  it('writes percent with a space that does not break', () => {
    expect(percent(0.84)).toBe('84\u00a0%');
    expect(plain(percent(0.845, 1))).toBe('84.5 %');
    expect(plain(percent(0))).toBe('0 %');
  });
  it('writes intervals and differences', () => {
    expect(percentRange(0.76, 0.9)).toBe('76 to 90');
    expect(plain(points(0.02))).toBe('+2 points');
    expect(plain(points(-0.01))).toBe('−1 point');
    expect(plain(points(0.001))).toBe('0 points');
    expect(plain(change(-0.06))).toBe('−6 %');
    expect(plain(change(-0.0001))).toBe('0 %');
  });
  it('never writes a missing figure as 0', () => {
    for (const f of [percent, points, change, duration, count, usd]) {
      expect(f(null)).toBe(noData);
      expect(f(undefined)).toBe(noData);
      expect(f(Number.NaN)).toBe(noData);
    }
    expect(percentRange(null, 0.9)).toBe(noData);
    expect(durationRange(1, undefined)).toBe(noData);
    expect(date(null)).toBe(noData);
    expect(date('not a date')).toBe(noData);
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'], [0.25, '0.25 ms'], [180, '180 ms'], [999.4, '999 ms'], [999.6, '1.00 s'], [2310, '2.31 s'], [9996, '10.0 s'],
    [41_200, '41.2 s'], [59_960, '1 min'], [320_000, '5 min 20 s'], [19_200_000, '5 h 20 min'], [28_800_000, '8 h']
  ])('%d ms is %s', (ms, text) => expect(plain(duration(ms))).toBe(text));
  it('writes an interval in one unit', () => {
    expect(durationRange(1980, 2740)).toBe('1.98 to 2.74');
    expect(durationRange(120, 410)).toBe('120 to 410');
    expect(durationRange(900, 12_400)).toBe('0.9 to 12.4');
  });
  it('has no negative durations', () => expect(duration(-1)).toBe(noData));
});

describe('money', () => {
  it.each([
    ['0', '$0.00'], ['3100000000', '$0.0031'], ['2900000000.4', '$0.0029'], ['290000000000', '$0.29'], ['1204500000000000', '$1,204.50'],
    ['4000000000', '$0.0040'], ['95000000000', '$0.095'], ['12000000', '$0.000012'], ['1', '$0.000000000001'], ['-290000000000', '−$0.29']
  ])('%s picodollars is %s', (pico, text) => expect(usd(pico)).toBe(text));
  it('takes numbers and bigints, and fixed decimals', () => {
    expect(usd(3_100_000_000)).toBe('$0.0031');
    expect(usd(9_007_199_254_740_993_000_000n)).toBe('$9,007,199,254.74');
    expect(usd('2950000000', 4)).toBe('$0.0030');
    expect(usd('999999999999')).toBe('$1.00');
  });
  it('refuses what is not money', () => {
    expect(usd('abc')).toBe(noData);
    expect(usd('')).toBe(noData);
  });
});

describe('counts and dates', () => {
  it('groups and pluralises', () => {
    expect(count(100_000)).toBe('100,000');
    expect(plain(plural(1, 'case'))).toBe('1 case');
    expect(plain(plural(14, 'case'))).toBe('14 cases');
  });
  it('writes a moment in the zone asked for', () => {
    const moment = '2026-11-20T23:30:00Z';
    expect(date(moment, 'day', 'UTC')).toBe('20 November');
    expect(date(moment, 'day', 'Asia/Tokyo')).toBe('21 November');
    expect(date(moment, 'long', 'UTC')).toBe('Friday 20 November');
    expect(date(moment, 'moment', 'UTC')).toBe('20 Nov, 23:30');
  });
  it('keeps a calendar day the same day everywhere', () => {
    expect(date('2026-11-20', 'long', 'America/Los_Angeles')).toBe('Friday 20 November');
  });
  it('counts days, not hours', () => {
    const now = new Date('2026-11-20T01:00:00Z');
    expect(daysFrom('2026-11-19T23:00:00Z', now, 'UTC')).toBe('yesterday');
    expect(daysFrom('2026-11-12', now, 'UTC')).toBe('8 days ago');
    expect(daysFrom('2026-11-23', now, 'UTC')).toBe('in 3 days');
  });
});
