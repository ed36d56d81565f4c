// A JSON response as rows that can be walked and pointed at, and what pointing at a row means for a role.
import type { Mapping } from '$lib/backend/types/Mapping';

export type Role = keyof Mapping;
export type Kind = 'text' | 'number' | 'yes or no' | 'list' | 'object' | 'nothing';

export interface Row {
  /** JSON pointer (RFC 6901); the root is "". */
  pointer: string;
  /** Name of the field, or the place in its list from 1. */
  name: string;
  level: number;
  kind: Kind;
  /** The value, shortened; for lists and objects what they hold. */
  preview: string;
  parent: string | null;
  children: number;
  open: boolean;
  /** Items of a list that are not drawn. */
  more: number;
  first: boolean;
  last: boolean;
}

const shown = 3;

export const kindOf = (value: unknown): Kind =>
  value === null || value === undefined ? 'nothing' : Array.isArray(value) ? 'list' : typeof value === 'object' ? 'object'
    : typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'yes or no' : 'text';

const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const unescape = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');

function preview(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return value.length === 1 ? 'list of 1' : `list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 1 ? '1 field' : `${Object.keys(value).length} fields`;
  return String(value);
}

/** The rows in sight: what lies in a closed row is left out, and of long lists the first three items stand for all. */
export function rows(body: unknown, closed: ReadonlySet<string>): Row[] {
  const out: Row[] = [];
  const visit = (value: unknown, pointer: string, name: string, level: number, parent: string | null, first: boolean, last: boolean): void => {
    const kind = kindOf(value);
    const parts: [string, unknown][] = Array.isArray(value) ? value.map((v, i) => [String(i), v]) : kind === 'object' ? Object.entries(value as object) : [];
    const drawn = kind === 'list' ? parts.slice(0, shown) : parts;
    const open = parts.length > 0 && !closed.has(pointer);
    out.push({ pointer, name, level, kind, preview: preview(value), parent, children: parts.length, open, more: open ? parts.length - drawn.length : 0, first, last });
    if (open) drawn.forEach(([key, part], i) => visit(part, `${pointer}/${escape(key)}`, kind === 'list' ? String(i + 1) : key, level + 1, pointer, i === 0, i === drawn.length - 1));
  };
  visit(body, '', 'response', 1, null, true, true);
  return out;
}

/** The value at a pointer; undefined when there is none. */
export function at(body: unknown, pointer: string): unknown {
  if (pointer === '') return body;
  let value: unknown = body;
  for (const part of pointer.slice(1).split('/').map(unescape)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

export interface RoleInfo { role: Role; label: string; what: string; /** Where it is not in the response: */ without: string }

export const roles: readonly RoleInfo[] = [
  { role: 'answer', label: 'Answer', what: 'the text that a reader would see', without: 'needed' },
  { role: 'citations', label: 'Citations', what: 'a list of the ids that it cites', without: 'citations are not checked' },
  { role: 'passages', label: 'Passages', what: 'the list of what it retrieved', without: 'retrieval is not measured' },
  { role: 'passage_id', label: 'Passage id', what: 'the id within one passage', without: 'retrieval is not measured' },
  { role: 'passage_text', label: 'Passage text', what: 'the text within one passage', without: 'grounding is not checked' },
  { role: 'refused', label: 'Refused', what: 'true when it says that it does not know', without: 'refusals are read from the answer' },
  { role: 'model', label: 'Model', what: 'the name of the model that answered', without: 'the model is unreported' },
  { role: 'input_tokens', label: 'Input tokens', what: 'tokens read by the model', without: 'no cost' },
  { role: 'output_tokens', label: 'Output tokens', what: 'tokens written by the model', without: 'no cost' }
];

const passageRoles: readonly Role[] = ['passage_id', 'passage_text'];

/** The list that a pointer lies in or is, outermost last; "" is never one. */
function listsAround(body: unknown, pointer: string): string[] {
  const found: string[] = [];
  for (let here = pointer; here !== ''; here = here.slice(0, here.lastIndexOf('/'))) if (Array.isArray(at(body, here))) found.push(here);
  return found;
}

export type Pointing = { ok: true; mapping: Mapping } | { ok: false; why: string };

/** What the mapping becomes when this value is pointed at for this role, or why it cannot. */
export function point(body: unknown, mapping: Mapping, role: Role, pointer: string): Pointing {
  const kind = kindOf(at(body, pointer));
  const set = (value: Partial<Mapping>): Pointing => ({ ok: true, mapping: { ...mapping, ...value } });
  const info = roles.find((r) => r.role === role);
  const no = (why: string): Pointing => ({ ok: false, why: `${info?.label ?? role}: ${why}` });
  const words: Record<Kind, string> = { text: 'text', number: 'a number', 'yes or no': 'true or false', list: 'a list', object: 'a group of fields', nothing: 'empty' };
  if (passageRoles.includes(role)) {
    // The innermost list of objects around the value holds the passages; the pointer is within one of them.
    const known = mapping.passages !== null && pointer.startsWith(`${mapping.passages}/`) ? mapping.passages : undefined;
    const list = known ?? listsAround(body, pointer).find((l) => l !== pointer);
    if (list === undefined) return no('choose a value inside one of the passages.');
    if (kind === 'list' || kind === 'object') return no(`choose a single value, not ${words[kind]}.`);
    const inside = pointer.slice(list.length + 1).replace(/^[^/]+/, '');
    if (inside === '') return no('the passages are plain values here; they are their own ids.');
    return set({ passages: list, [role]: inside });
  }
  if (role === 'citations' || role === 'passages') {
    const list = listsAround(body, pointer)[0];
    if (list === undefined) return no(`this is ${words[kind]}, a list is needed.`);
    if (role === 'citations' || list === mapping.passages) return set({ [role]: list });
    // Another list: what was within a passage of the old one holds only where it is found here too.
    const still = (inside: string | null): string | null => (inside !== null && at(body, `${list}/0${inside}`) !== undefined ? inside : null);
    return set({ passages: list, passage_id: still(mapping.passage_id), passage_text: still(mapping.passage_text) });
  }
  if (kind === 'nothing') return no('this is empty, so what it holds is not known. Ask a question that fills it.');
  if (role === 'answer' || role === 'model') return kind === 'list' || kind === 'object' ? no(`this is ${words[kind]}; choose a value inside it.`) : set({ [role]: pointer });
  if (role === 'refused') return kind === 'yes or no' ? set({ refused: pointer }) : no(`this is ${words[kind]}, true or false is needed.`);
  return kind === 'number' ? set({ [role]: pointer }) : no(`this is ${words[kind]}, a number is needed.`);
}

/** Whether a value fits a role at once; what does not fit is drawn quieter. */
export const fits = (body: unknown, mapping: Mapping, role: Role, pointer: string): boolean => point(body, mapping, role, pointer).ok;

/** The roles that rest on a row, each with its label. */
export function rolesAt(mapping: Mapping, pointer: string): RoleInfo[] {
  return roles.filter(({ role }) => {
    const mapped = mapping[role];
    if (mapped === null) return false;
    if (!passageRoles.includes(role)) return mapped === pointer;
    return mapping.passages !== null && pointer === `${mapping.passages}/0${mapped}`;
  });
}

/** What a role reads in this response, shortened; null where it finds nothing. */
export function reads(body: unknown, mapping: Mapping, role: Role): string | null {
  const mapped = mapping[role];
  if (mapped === null) return null;
  const value = at(body, passageRoles.includes(role) ? `${mapping.passages ?? ''}/0${mapped}` : mapped);
  return value === undefined ? null : preview(value);
}
