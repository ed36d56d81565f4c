// From what Rust says of a text (line, column, excerpt) to places in the editor, and from headings to sections.
import type { CaseStudyCheck } from '$lib/backend/types/CaseStudyCheck';
import type { Refusal } from '$lib/backend/types/Refusal';
import type { SectionKind } from '$lib/backend/types/SectionKind';

/** The parts of a document that a place is found with: CodeMirror's `Text`, or anything like it. */
export interface Lines {
  readonly lines: number;
  readonly length: number;
  line(n: number): { from: number; to: number; text: string };
  sliceString(from: number, to: number): string;
}

/** Rust counts characters, JavaScript counts halves of some of them. */
function offsetOf(text: string, column: number): number {
  let offset = 0;
  let left = column - 1;
  for (const char of text) {
    if (left-- <= 0) break;
    offset += char.length;
  }
  return offset;
}

/** Where a line and a column (both from 1) are; what lies outside is brought to the nearest place. */
export function position(doc: Lines, line: number, column: number): number {
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(at.from + offsetOf(at.text, column), at.to);
}

/** The words that a refusal is about: its excerpt where it still stands there, else the word, else the line. */
export function range(doc: Lines, refusal: Refusal): { from: number; to: number } {
  const from = position(doc, refusal.line, refusal.column);
  const wanted = refusal.excerpt;
  if (wanted !== '') {
    // Excerpts have their white space drawn together: follow them through the text.
    let at = from;
    let i = 0;
    const text = doc.sliceString(from, Math.min(doc.length, from + wanted.length * 2 + 80));
    for (let j = 0; j < text.length && i < wanted.length; j++) {
      const c = text[j] ?? '';
      if (c === wanted[i]) { i++; at = from + j + 1; }
      else if (/\s/.test(c) && (wanted[i] === ' ' || wanted[i - 1] === ' ')) { if (wanted[i] === ' ') i++; }
      else break;
    }
    if (i === wanted.length) return { from, to: at };
  }
  const line = doc.line(Math.min(Math.max(1, refusal.line), doc.lines));
  const word = /^\S+/.exec(doc.sliceString(from, line.to));
  if (word) return { from, to: from + word[0].length };
  return { from: line.from, to: line.to };
}

export const sectionNames: Record<SectionKind, string> = {
  problem: 'Problem', users: 'Users', non_goals: 'Non-goals', approach: 'Approach', what_changed: 'What changed',
  what_failed: 'What failed and how it was fixed', deployment_notes: 'Deployment notes', what_comes_next: 'What comes next', other: 'Other'
};

const announces: [SectionKind, string[]][] = [
  ['non_goals', ['non goal', 'out of scope', 'not in scope']], ['what_failed', ['fail', 'went wrong']],
  ['what_changed', ['changed', 'result', 'before and after']], ['deployment_notes', ['deploy']], ['what_comes_next', ['next']],
  ['problem', ['problem']], ['users', ['user', 'audience']], ['approach', ['approach', 'architecture', 'how it works', 'design']]
];

/** Which section a heading opens: the same words that Rust looks for. Only for finding the way there. */
export function sectionOf(heading: string): SectionKind {
  const text = heading.toLowerCase().replace(/[-\u2011]/g, ' ');
  return announces.find(([, words]) => words.some((w) => text.includes(w)))?.[0] ?? 'other';
}

/** The line of a section's heading, from 1; null when it has none. */
export function headingLine(text: string, kind: SectionKind): number | null {
  const lines = text.split('\n');
  const at = lines.findIndex((l) => /^##?\s/.test(l) && sectionOf(l.replace(/^#+\s*/, '')) === kind);
  return at < 0 ? null : at + 1;
}

export interface Gap { kind: SectionKind; name: string; hint: string; line: number | null }

/** What is still missing: sections to write, and places that may not be exported. Nothing is said twice. */
export function gaps(check: CaseStudyCheck, text: string): { sections: Gap[]; refusals: Refusal[] } {
  const isHeading = (r: Refusal): boolean => /^#{1,2}\s/.test(r.excerpt) && check.missing_sections.includes(sectionOf(r.excerpt)) && / is empty/.test(r.reason);
  const isAbsent = (r: Refusal): boolean => r.excerpt === '' && check.missing_sections.some((k) => r.reason.includes(sectionNames[k]));
  const sections = check.missing_sections.map((kind): Gap => {
    const said = check.refusals.find((r) => (isHeading(r) && sectionOf(r.excerpt) === kind) || (isAbsent(r) && r.reason.includes(sectionNames[kind])));
    return { kind, name: sectionNames[kind], hint: (said?.hint ?? '').replace(/ Or take the heading out\.$/, '').replace(/^Add a heading `[^`]+` and write it: /, 'Write '), line: headingLine(text, kind) };
  });
  return { sections, refusals: check.refusals.filter((r) => !isHeading(r) && !isAbsent(r)) };
}
