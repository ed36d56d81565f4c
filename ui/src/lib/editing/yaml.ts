// The editor of a suite file: YAML as far as the eye needs it (keys, texts, comments), and problems at their line.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, tooltips } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { TextProblem } from '$lib/backend/types/TextProblem';
import { theme } from '$lib/portfolio/editor';

const yaml = StreamLanguage.define<Record<string, never>>({
  name: 'yaml',
  startState: () => ({}),
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.peek() === '#' && (stream.pos === 0 || /\s/.test(stream.string.charAt(stream.pos - 1)))) { stream.skipToEnd(); return 'comment'; }
    if (stream.match(/^"(?:[^"\\]|\\.)*"/) || stream.match(/^'[^']*'/)) return stream.match(/^\s*:/, false) ? 'propertyName' : 'string';
    if (stream.match(/^[\w$.-]+(?=\s*:(\s|$))/)) return 'propertyName';
    if (stream.match(/^(true|false|null)\b/) || stream.match(/^-?\d[\w.%]*/)) return 'number';
    if (stream.match(/^[^\s#{}[\],:"']+/)) return null;
    stream.next();
    return 'punctuation';
  }
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--ink)' },
  { tag: tags.number, color: 'var(--stage-retrieval)' },
  { tag: tags.comment, color: 'var(--ink-3)' },
  { tag: tags.punctuation, color: 'var(--ink-3)' }
]);

export function yamlState(text: string, label: string, onchange: (text: string) => void, onsave: () => void): EditorState {
  const floating = document.getElementById('floating');
  const extensions: Extension[] = [
    history(), lineNumbers(), yaml, syntaxHighlighting(highlight), lintGutter({ hoverTime: 150 }),
    ...(floating ? [tooltips({ parent: floating })] : []),
    // Tab indents while the text has the focus; Escape and then Tab leaves it, as in every code editor.
    keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => { onsave(); return true; } }, { key: 'Escape', run: (view) => { view.contentDOM.blur(); return true; } }, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ 'aria-label': `${label}, YAML. Escape leaves the text.`, spellcheck: 'false', tabindex: '0' }),
    EditorView.updateListener.of((update) => { if (update.docChanged) onchange(update.state.doc.toString()); }),
    theme
  ];
  return EditorState.create({ doc: text, extensions });
}

/** What Rust finds wrong, from its place to the end of the line. A problem of the whole file has no place and stands in the list only. */
export function diagnostics(doc: Text, problems: readonly TextProblem[]): Diagnostic[] {
  return problems.filter((p) => p.line > 0 && p.line <= doc.lines).map((p) => {
    const line = doc.line(p.line);
    const from = Math.min(line.from + Math.max(0, p.column - 1), line.to);
    return { from, to: Math.max(line.to, from), severity: 'error' as const, message: p.message };
  });
}
