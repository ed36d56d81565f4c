// Fields of a case as people type them: a text as it is, everything else as JSON.
export type Fields = Record<string, unknown>;

export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed, in the kind of what was there: a text stays a text; a list, a number or a truth value is read as JSON. */
export function typed(text: string, before: unknown): { value: unknown } | { wrong: string } {
  if (before === undefined || before === null) return { value: text };
  if (typeof before === 'string') return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { wrong: Array.isArray(before) ? 'Write a list, such as ["returns-window"].' : 'Write JSON: a number, true, false, or a list.' };
  }
}

/** The fields of a row in its own order, with those changed that were typed; a field that was not there and is left empty stays away.
 *  One that was not there is of the kind that `others` has: a grader that reads a list finds nothing in a text that looks like one. */
export function fieldsOf(before: Fields, texts: Record<string, string>, others: Fields = {}): { fields: Fields; wrong: Record<string, string> } {
  const fields: Fields = {};
  const wrong: Record<string, string> = {};
  for (const name of [...Object.keys(before), ...Object.keys(texts).filter((n) => !(n in before))]) {
    const text = texts[name];
    if (text === undefined || text === cellText(before[name])) {
      if (name in before) fields[name] = before[name];
      continue;
    }
    if (text === '' && !(name in before)) continue;
    const read = typed(text, before[name] ?? others[name]);
    if ('wrong' in read) wrong[name] = read.wrong;
    else fields[name] = read.value;
  }
  return { fields, wrong };
}
