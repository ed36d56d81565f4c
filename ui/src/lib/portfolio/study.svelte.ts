// A case study being written: the text, what Rust says of it, and the file it came from. Unsaved words outlive the screen:
// they are kept with the hash of the file they were written against, so that nothing is overwritten later either.
import { backend, toBackendError, type BackendError } from '$lib/backend';
import type { CaseStudyCheck } from '$lib/backend/types/CaseStudyCheck';
import type { CaseStudyFile } from '$lib/backend/types/CaseStudyFile';

export class CaseStudy {
  /** null until there is a file. */
  text = $state<string | null>(null);
  file = $state.raw<CaseStudyFile | null>(null);
  check = $state.raw<CaseStudyCheck | null>(null);
  checking = $state(false);
  saving = $state(false);
  error = $state.raw<BackendError | null>(null);
  /** The file as it is now, when somebody else changed it since these words were begun. */
  theirs = $state.raw<CaseStudyFile | null>(null);
  /** What the editor wants to find again when it is opened the next time (undo history, scroll). */
  editor: { state?: unknown; doc?: string; top?: number } = {};
  #project: string;
  #base: string | null = null;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(project: string) {
    this.#project = project;
  }

  get dirty(): boolean {
    return this.text !== null && this.text !== this.file?.text;
  }

  get #key(): string {
    return `case-study:${this.#project}`;
  }

  /** The portfolio was read (again). */
  receive(file: CaseStudyFile, check: CaseStudyCheck | null): void {
    if (this.saving) return;
    if (this.text === null) {
      const kept = this.#kept();
      if (kept && file.text !== null && kept.text !== file.text) {
        this.text = kept.text;
        this.#base = kept.base;
        this.file = file;
        if (kept.base !== file.hash) this.theirs = file;
        this.#checkSoon(0);
        return;
      }
    } else if (this.dirty && file.hash !== this.#base) {
      this.theirs = file;
      return;
    } else if (this.dirty) return;
    this.#adopt(file);
    if (check) this.check = check;
  }

  #adopt(file: CaseStudyFile): void {
    this.file = file;
    this.text = file.text;
    this.#base = file.hash;
    this.theirs = null;
    this.error = null;
    this.#keep();
  }

  edit(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.#keep();
    this.#checkSoon(300);
  }

  /** The claims changed, so the same words may read differently. */
  recheck(): void {
    this.#checkSoon(0);
  }

  #checkSoon(wait: number): void {
    clearTimeout(this.#timer);
    this.checking = true;
    this.#timer = setTimeout(() => void this.#checkNow(), wait);
  }

  async #checkNow(): Promise<void> {
    const turn = ++this.#turn;
    const text = this.text;
    if (text === null) return;
    try {
      const check = await backend.call('check_case_study', { project: this.#project, text });
      if (turn === this.#turn && text === this.text) this.check = check;
    } catch (thrown) {
      if (turn === this.#turn) this.error = toBackendError(thrown);
    }
    if (turn === this.#turn) this.checking = false;
  }

  /** Writes the file. False when it was not written. */
  async save(): Promise<boolean> {
    if (this.text === null || this.saving) return false;
    if (!this.dirty) return true;
    const text = this.text;
    this.saving = true;
    this.error = null;
    try {
      const file = await backend.call('save_case_study', { project: this.#project, text, hash: this.#base });
      this.file = { ...file, text: file.text ?? text };
      this.#base = file.hash;
      this.theirs = null;
      this.#keep();
      return true;
    } catch (thrown) {
      const error = toBackendError(thrown);
      if (error.code !== 'file_changed') this.error = error;
      else await this.#seeTheirs(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  async #seeTheirs(error: BackendError): Promise<void> {
    try {
      this.theirs = (await backend.call('portfolio', { project: this.#project })).case_study;
    } catch {
      this.error = error;
    }
  }

  /** Lets go of the words here and takes those of the file. */
  takeTheirs(): void {
    if (!this.theirs) return;
    this.#adopt(this.theirs);
    this.#checkSoon(0);
  }

  /** The person has seen what the file says and wants these words instead. */
  async replaceTheirs(): Promise<boolean> {
    if (!this.theirs) return false;
    this.file = this.theirs;
    this.#base = this.theirs.hash;
    this.theirs = null;
    return this.save();
  }

  async create(): Promise<void> {
    this.error = null;
    this.saving = true;
    try {
      this.#adopt(await backend.call('create_case_study', { project: this.#project }));
      this.#checkSoon(0);
    } catch (thrown) {
      this.error = toBackendError(thrown);
    }
    this.saving = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turn++;
  }

  #keep(): void {
    try {
      if (this.dirty) localStorage.setItem(this.#key, JSON.stringify({ text: this.text, base: this.#base }));
      else localStorage.removeItem(this.#key);
    } catch {
      // Not kept beyond this screen.
    }
  }

  #kept(): { text: string; base: string | null } | null {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(this.#key) ?? 'null');
      if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' && 'base' in value)
        return { text: value.text, base: typeof value.base === 'string' ? value.base : null };
    } catch {
      // A damaged note is no note.
    }
    return null;
  }
}
