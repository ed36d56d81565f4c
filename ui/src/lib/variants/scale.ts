// Axes with round steps.
export interface Scale { from: number; to: number; ticks: number[] }

/** A scale that holds all these values and never leaves `floor` to `ceiling`. */
export function scaleOf(values: readonly number[], floor = -Infinity, ceiling = Infinity): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= rough * 0.999) ?? rough;
  const from = Math.max(floor, Math.floor((low - span * 0.06) / step) * step);
  const to = Math.min(ceiling, Math.ceil((high + span * 0.06) / step) * step);
  const ticks: number[] = [];
  for (let i = 0; from + i * step <= to + step / 1000; i++) ticks.push(from + i * step);
  return { from, to, ticks };
}
