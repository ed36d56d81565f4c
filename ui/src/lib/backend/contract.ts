// The contract between the screens and Rust. Both implementations are typed by the same generated `Commands`.
import type { Commands } from './types/Commands';
import type { RunEvent } from './types/RunEvent';

export type { RunEvent };
export type CommandName = keyof Commands;
export type CommandRequest<C extends CommandName> = Commands[C]['request'];
export type CommandResponse<C extends CommandName> = Commands[C]['response'];

export interface Backend {
  call<C extends CommandName>(command: C, request: CommandRequest<C>): Promise<CommandResponse<C>>;
  /** Follows a run; the promise gives the function that stops following. */
  watchRun(runId: string, onEvent: (event: RunEvent) => void): Promise<() => void>;
  /** The system's folder chooser; null when the person changed their mind. */
  chooseFolder(): Promise<string | null>;
  /** The system's file chooser; null when the person changed their mind. */
  chooseFile(): Promise<string | null>;
  /** Opens a file or folder with the system's own program. */
  openPath(path: string): Promise<void>;
}

/** What crosses the boundary when something did not work: the message says what to do next. */
export interface Problem {
  code: string;
  message: string;
  hint?: string | null;
}

export class BackendError extends Error implements Problem {
  readonly code: string;
  readonly hint: string | null;
  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'BackendError';
    this.code = problem.code;
    this.hint = problem.hint ?? null;
  }
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' && value !== null &&
    'code' in value && typeof value.code === 'string' &&
    'message' in value && typeof value.message === 'string'
  );
}

/** Makes whatever was thrown into a BackendError, so that a screen has one shape to show. */
export function toBackendError(thrown: unknown): BackendError {
  if (thrown instanceof BackendError) return thrown;
  if (isProblem(thrown)) return new BackendError(thrown);
  const message = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : 'Something went wrong inside the app.';
  return new BackendError({ code: 'unexpected', message, hint: null });
}

/** A problem where there is room for one line only: what happened, then what to do next. */
export function inOneLine(problem: Problem): string {
  const message = /[.!?…]$/.test(problem.message) ? problem.message : `${problem.message}.`;
  return problem.hint ? `${message} ${problem.hint}` : message;
}
