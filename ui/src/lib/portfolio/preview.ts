// The exported document as the preview shows it: with the claims' figures marked. Every figure in an exported document came
// from a token, so the n-th token's text is found by going through the text in order; proof pages, tables and charts are
// left as they are. A document that already carries marks is not touched.
import type { TokenUse } from '$lib/backend/types/TokenUse';
import type { StatedFact } from '$lib/backend/types/StatedFact';

const look = `
mark { color: inherit; background: none; }
mark.claim { color: var(--accent, #3d4fc4); background: var(--accent-soft, #eef0fd); border-radius: 4px; padding: 1px 4px; font-weight: 500; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
mark.stated { border-bottom: 1px dotted currentColor; }
mark.refused { color: var(--fail, #c0332b); background: color-mix(in srgb, var(--fail, #c0332b) 12%, transparent); border-radius: 4px; padding: 1px 4px; }
html { font-size: SIZE; color-scheme: SCHEME; background: var(--ground, GROUND); }
body { background: transparent; color: var(--ink, INK); }
main { margin: 0; padding: 0.5rem 1.5rem 4rem; }`;

const fragmentLook = `
:root { color-scheme: light dark; --accent: light-dark(#3d4fc4, #8f9bff); --accent-soft: light-dark(#eef0fd, #22264a); --fail: light-dark(#c0332b, #f27e74); }
body { margin: 0; background: light-dark(#fbfbfa, #131416); color: light-dark(#1b1c1e, #ececea); font: 0.9375rem/1.6 "Inter", system-ui, sans-serif; }
main { max-width: 46rem; } h1 { font-size: 1.75rem; line-height: 1.25; } h2 { font-size: 1.0625rem; margin: 2rem 0 0.5rem; }`;

function marks(document: Document, tokens: readonly TokenUse[], stated: readonly StatedFact[]): void {
  const main = document.querySelector('main') ?? document.body;
  if (main.querySelector('mark.claim, mark.stated')) return;
  const wanted = [
    ...tokens.filter((t) => t.text).map((t) => ({ text: t.text ?? '', line: t.line, column: t.column, kind: 'claim', slug: t.slug })),
    ...stated.map((s) => ({ text: s.text, line: s.line, column: 0, kind: 'stated', slug: '' }))
  ];
  // Stated facts know only their line; within a line they are tried after the claims that stand on it.
  wanted.sort((a, b) => a.line - b.line || (a.column || 9999) - (b.column || 9999));
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => (node.parentElement?.closest('.proof, table, figure, .scroll, .over, .notice, style') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
  });
  const pending = [...wanted];
  let node = walker.nextNode() as Text | null;
  while (node && pending.length > 0) {
    const text = node.data;
    // Of the next few tokens, the one that stands first in this piece of text.
    const found = pending.slice(0, 4).map((w, i) => ({ w, i, at: text.indexOf(w.text) })).filter((f) => f.at >= 0).sort((a, b) => a.at - b.at)[0];
    if (!found) {
      node = walker.nextNode() as Text | null;
      continue;
    }
    pending.splice(found.i, 1);
    const hit = node.splitText(found.at);
    const rest = hit.splitText(found.w.text.length);
    const mark = document.createElement('mark');
    mark.className = found.w.kind;
    if (found.w.slug) mark.dataset.claim = found.w.slug;
    hit.replaceWith(mark);
    mark.append(hit);
    walker.currentNode = rest;
    node = rest;
  }
}

/** The document for the frame. `scheme` and `size` follow the window's theme and text size, which a frame does not inherit. */
export function frameDocument(html: string, tokens: readonly TokenUse[], stated: readonly StatedFact[], options: { dark: boolean; size: number }): string {
  const whole = /<html[\s>]/i.test(html);
  const source = new DOMParser().parseFromString(whole ? html : `<!doctype html><html lang="en"><head><title>Draft</title><style>${fragmentLook}</style></head><body><main>${html}</main></body></html>`, 'text/html');
  marks(source, tokens, stated);
  const style = source.createElement('style');
  // Written out: a document without a scheme of its own would be drawn on white, whatever the window shows.
  style.textContent = look.replace('SIZE', `${options.size}%`).replace('SCHEME', options.dark ? 'dark' : 'light')
    .replace('GROUND', options.dark ? '#131416' : '#fbfbfa').replace('INK', options.dark ? '#ececea' : '#1b1c1e');
  source.head.append(style);
  // A frame asks the system for its scheme, not the window: the wanted one is written in.
  for (const sheet of source.querySelectorAll('style')) {
    sheet.textContent = (sheet.textContent ?? '').replace(/@media\s*\(prefers-color-scheme:\s*dark\)/g, options.dark ? '@media all' : '@media not all')
      .replace(/color-scheme:\s*light dark/g, `color-scheme: ${options.dark ? 'dark' : 'light'}`);
  }
  return `<!doctype html>\n${source.documentElement.outerHTML}`;
}
