import { date } from '$lib/format';

/** "16 to 22 November", "28 December to 3 January". */
export function span(starts: string, ends: string): string {
  const [from, to] = [date(starts, 'day'), date(ends, 'day')];
  const [day, month] = from.split(' ');
  return month !== undefined && to.endsWith(month) ? `${day} to ${to}` : `${from} to ${to}`;
}
