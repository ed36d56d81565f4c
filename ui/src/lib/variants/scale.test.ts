import { describe, expect, it } from 'vitest';
import { scaleOf } from './scale';

describe('an axis', () => {
  it('holds every value, has round steps and stays within its bounds', () => {
    const s = scaleOf([0.71, 0.94], 0, 1);
    expect(s.from).toBeLessThanOrEqual(0.71);
    expect(s.to).toBeGreaterThanOrEqual(0.94);
    expect(s.to).toBeLessThanOrEqual(1);
    expect(s.ticks.every((t) => Math.abs(t * 20 - Math.round(t * 20)) < 1e-9)).toBe(true);
  });
  it('does not fail on a single value, or on 0', () => {
    expect(scaleOf([0.5], 0, 1).ticks.length).toBeGreaterThan(1);
    expect(scaleOf([0], 0).to).toBeGreaterThan(0);
  });
});
