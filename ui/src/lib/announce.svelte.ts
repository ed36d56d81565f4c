// What the app says: `announce` for screen readers only, `toast` for everyone. Rendered once, by the layout.
import { inOneLine, toBackendError } from './backend/contract';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'pass' | 'fail' | 'warn';
  action?: { label: string; run: () => void };
}

class Announcer {
  /** Two regions each, used in turn, so that the same words said twice are read twice. */
  polite = $state(['', '']);
  assertive = $state(['', '']);
  toasts = $state<Toast[]>([]);
  #next = 0;

  say(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
    const slot = this.#next++ % 2;
    this[urgency][slot] = text;
    this[urgency][1 - slot] = '';
  }

  show(toast: Omit<Toast, 'id'>): number {
    const id = ++this.#next;
    this.toasts.push({ ...toast, id });
    if (this.toasts.length > 3) this.toasts.shift();
    this.say(toast.text, toast.tone === 'fail' ? 'assertive' : 'polite');
    return id;
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((t) => t.id !== id);
  }
}

export const announcer = new Announcer();
export const announce = (text: string, urgency?: 'polite' | 'assertive'): void => announcer.say(text, urgency);
export const toast = (text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): number =>
  announcer.show({ text, tone: options.tone ?? 'plain', action: options.action });
/** What did not work, where the screen has no place of its own for it. */
export const toastProblem = (thrown: unknown): number => toast(inOneLine(toBackendError(thrown)), { tone: 'fail' });
