// How figures are written. Every function says "no data" for what was not measured; nothing missing is shown as 0.
// Spaces inside a figure do not break (U+00A0). Numbers and dates read as in British English, in the user's zone.

export const noData = 'no data';
export type Maybe<T> = T | null | undefined;
/** Picodollars: an integer, as a number, bigint or decimal string (averages may carry a fraction). */
export type Picodollars = string | number | bigint;

const space = '\u00a0';
const minus = '\u2212';

function isNumber(value: Maybe<number>): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function fixed(value: number, digits: number): string {
  const text = new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? minus + text : text;
}

/** 10000 -> "10,000" */
export function count(value: Maybe<number>): string {
  return isNumber(value) ? fixed(value, 0) : noData;
}

/** 0.84 -> "84 %". Takes a fraction. */
export function percent(fraction: Maybe<number>, digits = 0): string {
  return isNumber(fraction) ? fixed(fraction * 100, digits) + space + '%' : noData;
}

/** 0.76, 0.9 -> "76 to 90": the interval beside a rate, without repeating the unit. */
export function percentRange(low: Maybe<number>, high: Maybe<number>, digits = 0): string {
  return isNumber(low) && isNumber(high) ? `${fixed(low * 100, digits)} to ${fixed(high * 100, digits)}` : noData;
}

/** A difference of two rates: 0.02 -> "+2 points". */
export function points(difference: Maybe<number>, digits = 0): string {
  if (!isNumber(difference)) return noData;
  const text = fixed(difference * 100, digits);
  const sign = text.startsWith(minus) || !/[1-9]/.test(text) ? '' : '+';
  return `${sign}${text}${space}${text.replace(minus, '') === '1' ? 'point' : 'points'}`;
}

/** A relative change: -0.06 -> "−6 %". */
export function change(fraction: Maybe<number>, digits = 0): string {
  if (!isNumber(fraction)) return noData;
  const text = fixed(fraction * 100, digits);
  return (text.startsWith(minus) || !/[1-9]/.test(text) ? '' : '+') + text + space + '%';
}

/** Milliseconds: 180 -> "180 ms", 2310 -> "2.31 s", 41200 -> "41.2 s", 320000 -> "5 min 20 s", 19200000 -> "5 h 20 min". */
export function duration(ms: Maybe<number>): string {
  if (!isNumber(ms) || ms < 0) return noData;
  if (ms > 0 && ms < 1) return `${fixed(ms, 2)}${space}ms`;
  if (ms < 999.5) return `${fixed(ms, 0)}${space}ms`;
  if (ms < 9_995) return `${fixed(ms / 1000, 2)}${space}s`;
  if (ms < 59_950) return `${fixed(ms / 1000, 1)}${space}s`;
  const seconds = Math.round(ms / 1000);
  const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    `${fixed(big, 0)}${space}${bigUnit}` + (small ? ` ${small}${space}${smallUnit}` : '');
  if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** An interval of durations in the unit of its upper end: "1.98 to 2.74". */
export function durationRange(lowMs: Maybe<number>, highMs: Maybe<number>): string {
  if (!isNumber(lowMs) || !isNumber(highMs)) return noData;
  if (highMs >= 59_950) return `${duration(lowMs)} to ${duration(highMs)}`;
  const [scale, digits] = highMs < 999.5 ? [1, 0] : highMs < 9_995 ? [1000, 2] : [1000, 1];
  return `${fixed(lowMs / scale, digits)} to ${fixed(highMs / scale, digits)}`;
}

function toPico(value: Picodollars): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.round(value)) : undefined;
  const match = /^\s*(-?)(\d+)(?:\.(\d+))?\s*$/.exec(value);
  if (!match) return undefined;
  const whole = BigInt(match[2] ?? '0') + ((match[3] ?? '') >= '5' ? 1n : 0n);
  return match[1] ? -whole : whole;
}

/** Exact rounding, half away from zero, of a non-negative amount to `digits` decimals of a dollar. */
function dollars(pico: bigint, digits: number): string {
  const unit = 10n ** BigInt(12 - digits);
  const rounded = (pico + unit / 2n) / unit;
  const text = rounded.toString().padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${text.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ',')}.${text.slice(cut)}`;
}

/**
 * Money: cents from ten cents up ("$0.29", "$1,204.50"), two significant digits below ("$0.0031", "$0.00042").
 * `digits` fixes the decimals, for a column whose figures are compared.
 */
export function usd(value: Maybe<Picodollars>, digits?: number): string {
  if (value === null || value === undefined) return noData;
  const pico = toPico(value);
  if (pico === undefined) return noData;
  const size = pico < 0n ? -pico : pico;
  let places = digits;
  if (places === undefined) {
    places = 2;
    // 10^(12-places) is the worth of the last shown digit; stop when two digits of the amount are visible.
    while (places < 12 && size > 0n && size < 10n ** BigInt(13 - places)) places++;
    if (size >= 10n ** 11n) places = 2;
  }
  return (pico < 0n ? minus : '') + '$' + dollars(size, places);
}

/** 1, "case" -> "1 case"; 14, "case" -> "14 cases". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)}${space}${n === 1 ? one : many}`;
}

export type DateStyle = 'day' | 'short' | 'weekday' | 'long' | 'year' | 'time' | 'moment';

const styles: Record<DateStyle, Intl.DateTimeFormatOptions> = {
  day: { day: 'numeric', month: 'long' },
  short: { day: 'numeric', month: 'short' },
  weekday: { weekday: 'short' },
  long: { weekday: 'long', day: 'numeric', month: 'long' },
  year: { day: 'numeric', month: 'long', year: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  moment: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
};

function toDate(value: string | number | Date): { date: Date; zone: 'UTC' | undefined } | undefined {
  // A calendar day ("2026-11-20") names the same day everywhere; a moment is shown in the user's zone.
  const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : { date, zone: isDay ? 'UTC' : undefined };
}

/** "20 November", "20 Nov", "Fri", "Friday 20 November", "20 November 2026", "19:00", "20 Nov, 19:00". */
export function date(value: Maybe<string | number | Date>, style: DateStyle = 'day', zone?: string): string {
  if (value === null || value === undefined) return noData;
  const at = toDate(value);
  if (!at) return noData;
  return new Intl.DateTimeFormat('en-GB', { ...styles[style], timeZone: at.zone ?? zone }).format(at.date).replace(/^(\p{L}+), /u, '$1 ');
}

/** Whole days between two moments, in words: "today", "yesterday", "8 days ago", "in 3 days". */
export function daysFrom(value: Maybe<string | number | Date>, now: Date = new Date(), zone?: string): string {
  if (value === null || value === undefined) return noData;
  const at = toDate(value);
  if (!at) return noData;
  const day = (d: Date, z: string | undefined): number => {
    // By parts, since engines differ in how they join them.
    const parts = new Intl.DateTimeFormat('en-GB', { timeZone: z, year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(d);
    const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
    return Date.UTC(part('year'), part('month') - 1, part('day')) / 86_400_000;
  };
  const days = Math.round(day(at.date, at.zone ?? zone) - day(now, zone));
  return new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' }).format(days, 'day');
}
