// What was typed and found while a folder is adopted. It outlives the screen: going back, or away and back, keeps everything.
import { backend, toBackendError, type BackendError } from '$lib/backend';
import type { Adopted } from '$lib/backend/types/Adopted';
import type { Inspection } from '$lib/backend/types/Inspection';
import type { Mapping } from '$lib/backend/types/Mapping';
import type { PortWay } from '$lib/backend/types/PortWay';
import type { RequestProposal } from '$lib/backend/types/RequestProposal';
import type { ServiceSpec } from '$lib/backend/types/ServiceSpec';
import type { StartProposal } from '$lib/backend/types/StartProposal';
import type { TryResponse } from '$lib/backend/types/TryResponse';
import type { TypedCase } from '$lib/backend/types/TypedCase';

export type Step = 1 | 2 | 3 | 4;
export interface CaseRow { key: number; question: string; expected: string; refuse: boolean; category: string }
export type Way = PortWay['way'];

let key = 0;
const row = (question = ''): CaseRow => ({ key: key++, question, expected: '', refuse: false, category: '' });

export class Wizard {
  step = $state<Step>(1);
  folder = $state('');
  inspection = $state.raw<Inspection | null>(null);
  /** Which proposal is in use; -1 is "something else". */
  startAt = $state(-1);
  requestAt = $state(-1);
  command = $state('');
  way = $state<Way>('environment');
  variable = $state('PORT');
  port = $state('8000');
  health = $state('/');
  method = $state<'POST' | 'GET'>('POST');
  path = $state('');
  field = $state('question');
  trusted = $state(false);
  question = $state('');
  answer = $state.raw<TryResponse | null>(null);
  /** The service that `answer` came from, so that a change asks for a new one. */
  answeredBy = $state('');
  mapping = $state.raw<Mapping | null>(null);
  cases = $state<CaseRow[]>([row(), row(), row(), row(), row()]);
  adopted = $state.raw<Adopted | null>(null);
  busy = $state(false);
  error = $state.raw<BackendError | null>(null);

  // Getters, not deriveds: those would end with the screen that made them, and this outlives it.
  get portWay(): PortWay {
    return this.way === 'environment' ? { way: 'environment', name: this.variable.trim() } : this.way === 'argument' ? { way: 'argument' } : { way: 'fixed', port: Number(this.port) };
  }

  get service(): ServiceSpec {
    return {
      command: this.command.trim(), port: this.portWay, health: this.health.trim() || '/', method: this.method, path: this.path.trim(),
      question_field: this.method === 'POST' ? this.field.trim() : null
    };
  }

  /** An answer of the service as it is described now. */
  get current(): boolean {
    return this.answer !== null && this.answeredBy === JSON.stringify(this.service);
  }

  get typed(): CaseRow[] {
    return this.cases.filter((c) => c.question.trim() !== '' && (c.refuse || c.expected.trim() !== ''));
  }

  /** Begun, but not finished. */
  get halves(): CaseRow[] {
    return this.cases.filter((c) => (c.question.trim() === '') !== (c.expected.trim() === '' && !c.refuse));
  }

  /** What stands in the way of the first request, by field. */
  get wrong(): Partial<Record<'command' | 'variable' | 'port' | 'health' | 'path' | 'field', string>> {
    const out: Partial<Record<'command' | 'variable' | 'port' | 'health' | 'path' | 'field', string>> = {};
    const port = Number(this.port);
    if (this.command.trim() === '') out.command = 'The command that starts it is needed.';
    else if (this.way === 'argument' && !this.command.includes('{port}')) out.command = 'Write {port} where the port belongs, or choose another way.';
    if (this.way === 'environment' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(this.variable.trim())) out.variable = 'A name such as PORT.';
    if (this.way === 'fixed' && !(Number.isInteger(port) && port > 0 && port < 65536)) out.port = 'A number between 1 and 65535.';
    if (!/^\//.test(this.health.trim() || '/')) out.health = 'A path begins with /.';
    if (!/^\//.test(this.path.trim())) out.path = 'A path begins with /.';
    else if (this.method === 'GET' && !this.path.includes('{{question}}')) out.path = 'Write {{question}} where the question belongs.';
    if (this.method === 'POST' && this.field.trim() === '') out.field = 'The field that carries the question is needed.';
    return out;
  }

  /** How far one may go. */
  get reach(): Step {
    return !this.inspection || this.inspection.existing_suite !== null || Object.keys(this.wrong).length > 0 ? 1 : !this.current ? 2 : !this.mapping?.answer ? 3 : 4;
  }

  go(step: Step): void {
    if (step > this.reach || this.busy) return;
    this.error = null;
    this.step = step;
  }

  useStart(at: number): void {
    this.startAt = at;
    const found: StartProposal | undefined = this.inspection?.starts[at];
    if (!found) return;
    this.command = found.command;
    this.way = found.port.way;
    if (found.port.way === 'environment') this.variable = found.port.name;
    if (found.port.way === 'fixed') this.port = String(found.port.port);
  }

  useRequest(at: number): void {
    this.requestAt = at;
    const found: RequestProposal | undefined = this.inspection?.requests[at];
    if (!found) return;
    this.method = found.method.toUpperCase() === 'GET' ? 'GET' : 'POST';
    this.path = found.path;
    if (found.question_field !== null) this.field = found.question_field;
  }

  async #do<T>(ask: () => Promise<T>): Promise<T | null> {
    if (this.busy) return null;
    this.busy = true;
    this.error = null;
    try {
      return await ask();
    } catch (thrown) {
      this.error = toBackendError(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** Looks at the folder. A folder that was looked at before keeps what was typed about it. */
  async inspect(): Promise<boolean> {
    const folder = this.folder.trim();
    if (folder === '') return false;
    const found = await this.#do(() => backend.call('inspect_folder', { folder }));
    if (!found) return false;
    const known = this.inspection?.folder === found.folder;
    this.inspection = found;
    this.folder = found.folder;
    if (known) return true;
    this.trusted = false;
    this.answer = null;
    this.mapping = null;
    this.health = found.health || '/';
    this.command = '';
    this.path = '';
    this.useStart(found.starts.length > 0 ? 0 : -1);
    this.useRequest(found.requests.length > 0 ? 0 : -1);
    return true;
  }

  async try(): Promise<boolean> {
    const { service, folder } = this;
    const question = this.question.trim();
    if (!this.trusted || question === '') return false;
    const answer = await this.#do(() => backend.call('try_request', { folder, service, question, trusted: this.trusted }));
    if (!answer) return false;
    this.answer = answer;
    this.answeredBy = JSON.stringify(service);
    this.mapping ??= answer.proposed;
    const first = this.cases[0];
    if (first && this.cases.every((c) => c.question === '')) first.question = question;
    return true;
  }

  async adopt(): Promise<boolean> {
    const mapping = this.mapping;
    if (!mapping || this.typed.length === 0) return false;
    const cases: TypedCase[] = this.typed.map((c) => ({ question: c.question.trim(), expected: c.refuse ? '' : c.expected.trim(), category: c.category.trim() || (c.refuse ? 'refusal' : 'general') }));
    const done = await this.#do(() => backend.call('adopt_project', { folder: this.folder, service: { ...this.service, health: this.answer?.health ?? this.service.health }, mapping, cases, trusted: this.trusted }));
    if (!done) return false;
    this.adopted = done;
    return true;
  }

  addCase(): void {
    this.cases.push(row());
  }

  removeCase(key: number): void {
    this.cases = this.cases.filter((c) => c.key !== key);
  }
}

let kept: Wizard | null = null;

/** The adoption under way, or a new one. */
export const wizard = (): Wizard => (kept ??= new Wizard());
export const startOver = (): Wizard => (kept = new Wizard());
/** It is done: the next one begins at the beginning. */
export const letGo = (): void => { kept = null; };
