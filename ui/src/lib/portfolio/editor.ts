// The Markdown editor of a case study: tokens as chips, completion after `[[`, what a token reads as on hover.
import { autocompletion, completionKeymap, startCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyField, historyKeymap } from '@codemirror/commands';
import { markdown } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { Decoration, EditorView, MatchDecorator, ViewPlugin, hoverTooltip, keymap, placeholder, tooltips, type DecorationSet, type ViewUpdate } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Claim } from '$lib/backend/types/Claim';
import type { Refusal } from '$lib/backend/types/Refusal';
import { stateWord, tokensOf } from './claims';
import { range } from './places';

export interface EditorHost {
  claims: () => readonly Claim[];
  onchange: (text: string) => void;
  onsave: () => void;
}

const tokenPattern = /\[\[([^[\]\n]+)\]\]/g;
const stated = /^\s*stated\s*:/i;

/** What a token reads as, and whether it may stand. */
export function meaning(body: string, claims: readonly Claim[]): { kind: 'claim' | 'stated' | 'refused'; text: string; note: string } {
  if (stated.test(body)) return { kind: 'stated', text: body.replace(stated, '').trim(), note: 'Stated by you, listed as such; no run measured it.' };
  const slug = body.trim().split('.')[0] ?? '';
  const claim = claims.find((c) => c.slug === slug);
  if (!claim) return { kind: 'refused', text: 'no such claim', note: `There is no claim “${slug}” in this project.` };
  const token = tokensOf(claim).find((t) => t.token === body.trim());
  if (claim.state !== 'holds') return { kind: 'refused', text: stateWord[claim.state], note: claim.reason ?? claim.sentence };
  return token ? { kind: 'claim', text: token.text, note: `${claim.label}: ${token.what}. ${claim.runs_text}, ${claim.dates_text}.` } : { kind: 'refused', text: 'nothing to say', note: `“${slug}” has nothing under this name.` };
}

const claimMark = Decoration.mark({ class: 'cm-claim' });
const statedMark = Decoration.mark({ class: 'cm-stated' });
const refusedMark = Decoration.mark({ class: 'cm-refused' });

function tokenMarks(host: EditorHost): Extension {
  const matcher = new MatchDecorator({
    regexp: tokenPattern,
    decoration: (match) => {
      const { kind } = meaning(match[1] ?? '', host.claims());
      return kind === 'claim' ? claimMark : kind === 'stated' ? statedMark : refusedMark;
    }
  });
  return ViewPlugin.fromClass(
    class {
      marks: DecorationSet;
      constructor(view: EditorView) {
        this.marks = matcher.createDeco(view);
      }
      update(update: ViewUpdate): void {
        this.marks = update.docChanged || update.viewportChanged ? matcher.updateDeco(update, this.marks) : this.marks;
      }
    },
    { decorations: (plugin) => plugin.marks }
  );
}

function tokenHover(host: EditorHost): Extension {
  return hoverTooltip((view, pos) => {
    const line = view.state.doc.lineAt(pos);
    for (const match of line.text.matchAll(tokenPattern)) {
      const from = line.from + match.index;
      const to = from + match[0].length;
      if (pos < from || pos > to) continue;
      const said = meaning(match[1] ?? '', host.claims());
      return {
        pos: from, end: to, above: true,
        create: () => {
          const dom = document.createElement('div');
          dom.className = 'cm-reads';
          const value = dom.appendChild(document.createElement('b'));
          value.textContent = said.text;
          const note = dom.appendChild(document.createElement('div'));
          note.textContent = said.note;
          return { dom };
        }
      };
    }
    return null;
  }, { hoverTime: 200 });
}

function completions(host: EditorHost): (context: CompletionContext) => CompletionResult | null {
  const close = (view: EditorView, completion: Completion, from: number, to: number): void => {
    const open = completion.label.startsWith('stated');
    const has = view.state.sliceDoc(to, to + 2) === ']]';
    const insert = completion.label + (open ? ' ' : '');
    // Words are still to come after "stated: ", so the cursor stays inside; after a claim it goes on behind the brackets.
    view.dispatch({
      changes: { from, to, insert: insert + (has ? '' : ']]') },
      selection: { anchor: from + insert.length + (open ? 0 : 2) },
      userEvent: 'input.complete'
    });
  };
  return (context) => {
    const before = context.matchBefore(/\[\[[^[\]\n]*/);
    if (!before) return null;
    const options: Completion[] = host.claims().flatMap((claim): Completion[] => {
      if (claim.state !== 'holds')
        return [{ label: claim.slug, detail: `${stateWord[claim.state]}, cannot be used`, info: claim.reason ?? undefined, apply: close, boost: -50 }];
      return tokensOf(claim).map((t, i) => ({ label: t.token, detail: t.text.length > 40 ? `${t.text.slice(0, 38)}…` : t.text, info: t.what, apply: close, boost: i === 0 ? 20 : -i }));
    });
    options.push({ label: 'stated:', detail: 'a fact that you state', info: 'Counts, names, versions and dates that no run measures: [[stated: 64 documents]]. Never a percentage, a multiple, money or a duration.', apply: close, boost: 10 });
    return { from: before.from + 2, options, validFor: /^[a-z0-9.:-]*$/ };
  };
}

const highlight = HighlightStyle.define([
  { tag: tags.heading, fontWeight: '600', color: 'var(--ink)' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.link, tags.url], color: 'var(--accent)' },
  { tag: [tags.processingInstruction, tags.contentSeparator], color: 'var(--ink-3)' },
  { tag: tags.monospace, color: 'var(--ink-2)' },
  { tag: [tags.comment, tags.blockComment], color: 'var(--ink-3)' }
]);

export const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: 'var(--t-body)', lineHeight: '1.7', overflow: 'auto' },
  '.cm-content': { maxWidth: '50rem', padding: 'var(--s3) var(--s3) 30vh 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 var(--s2)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'transparent', border: '0', color: 'var(--ink-3)' },
  '.cm-gutter-lint': { width: '1rem' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0', display: 'flex', alignItems: 'flex-start', justifyContent: 'center' },
  '.cm-lint-marker': { width: '8px', height: '8px', marginTop: '0.44rem' },
  '.cm-lint-marker-error': { content: 'none', borderRadius: '50%', background: 'var(--fail)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail)', textDecorationThickness: '1px', textUnderlineOffset: '4px', textDecorationSkipInk: 'none' },
  '.cm-lintRange-active': { backgroundColor: 'var(--fail-soft)' },
  '.cm-claim': { color: 'var(--accent)', backgroundColor: 'var(--accent-soft)', borderRadius: '3px', padding: '1px 0' },
  '.cm-claim *, .cm-stated *, .cm-refused *': { color: 'inherit' },
  '.cm-stated': { backgroundColor: 'color-mix(in srgb, var(--ink) 7%, transparent)', borderRadius: '3px', padding: '1px 0' },
  '.cm-refused': { color: 'var(--fail)', backgroundColor: 'var(--fail-soft)', borderRadius: '3px', padding: '1px 0' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-tooltip': { border: '0', borderRadius: 'var(--radius)', backgroundColor: 'var(--surface)', color: 'var(--ink)', boxShadow: 'var(--lift)', fontFamily: 'var(--font)', fontSize: 'var(--t-small)', zIndex: '60' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '16rem', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', gap: 'var(--s4)', justifyContent: 'space-between', alignItems: 'center', minHeight: '1.5rem', padding: '1px var(--s2)', borderRadius: 'var(--radius-small)', lineHeight: '1.5' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--accent)' },
  '.cm-completionDetail': { fontFamily: 'var(--font)', fontStyle: 'normal', color: 'var(--ink-2)', marginLeft: '0' },
  '.cm-tooltip.cm-completionInfo': { padding: 'var(--s2) var(--s3)', maxWidth: '20rem', color: 'var(--ink-2)' },
  '.cm-tooltip-lint, .cm-tooltip-hover': { maxWidth: '26rem' },
  '.cm-tooltip-section:not(:first-child)': { borderTop: 'var(--hairline) solid var(--line)' },
  '.cm-diagnostic': { borderLeft: '0', padding: 'var(--s2) var(--s3)', marginLeft: '0' },
  '.cm-reads': { padding: 'var(--s2) var(--s3)', fontVariantNumeric: 'tabular-nums' },
  '.cm-reads div': { color: 'var(--ink-2)' }
});

export function extensions(host: EditorHost): Extension[] {
  const floating = document.getElementById('floating');
  return [
    history(),
    EditorView.lineWrapping,
    markdown({ completeHTMLTags: false }),
    syntaxHighlighting(highlight),
    tokenMarks(host),
    tokenHover(host),
    autocompletion({ override: [completions(host)], icons: false, defaultKeymap: false }),
    lintGutter({ hoverTime: 150 }),
    placeholder('Write in Markdown. Type [[ to quote a claim.'),
    ...(floating ? [tooltips({ parent: floating })] : []),
    keymap.of([
      { key: 'Mod-s', preventDefault: true, run: () => { host.onsave(); return true; } },
      ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap
    ]),
    EditorView.contentAttributes.of({ 'aria-label': 'Case study, Markdown source', spellcheck: 'true', tabindex: '0' }),
    EditorView.inputHandler.of((view, _from, _to, text) => {
      // The second bracket opens the list; typing on narrows it.
      if (text === '[') setTimeout(() => { if (view.state.sliceDoc(Math.max(0, view.state.selection.main.head - 2), view.state.selection.main.head) === '[[') startCompletion(view); });
      return false;
    }),
    EditorView.updateListener.of((update) => { if (update.docChanged) host.onchange(update.state.doc.toString()); }),
    theme
  ];
}

export function editorState(host: EditorHost, text: string, kept?: unknown): EditorState {
  const config = { doc: text, extensions: extensions(host) };
  if (kept === undefined) return EditorState.create(config);
  try {
    return EditorState.fromJSON(kept, config, { history: historyField });
  } catch {
    return EditorState.create(config);
  }
}

export const freeze = (now: EditorState): unknown => now.toJSON({ history: historyField });

/** What Rust refuses, at the words it refuses. Missing sections have no place of their own and stand in the list beside. */
export function diagnostics(doc: EditorState['doc'], refusals: readonly Refusal[]): Diagnostic[] {
  return refusals.filter((r) => r.excerpt !== '').map((refusal) => ({
    ...range(doc, refusal), severity: 'error' as const, message: `${refusal.reason} ${refusal.hint}`,
    renderMessage: () => {
      const dom = document.createElement('div');
      const reason = dom.appendChild(document.createElement('b'));
      reason.textContent = refusal.reason;
      const hint = dom.appendChild(document.createElement('div'));
      hint.style.color = 'var(--ink-2)';
      hint.textContent = refusal.hint;
      return dom;
    }
  }));
}
