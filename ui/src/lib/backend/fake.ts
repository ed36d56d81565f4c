// An in-memory backend for component tests, the gallery and a plain browser. Answers come from `fixtures/`.
import { BackendError, type Backend, type CommandName, type CommandRequest, type CommandResponse, type Problem } from './contract';
import type { RunEvent } from './types/RunEvent';
import { fixtures } from './fixtures';

/** One answer per command: a value, or a function of the request. A command without one answers with `no_fixture`. */
export type Fixtures = {
  [C in CommandName]?: CommandResponse<C> | ((request: CommandRequest<C>) => CommandResponse<C> | Promise<CommandResponse<C>>);
};

export interface FakeBackend extends Backend {
  /** Every call made so far, oldest first. */
  readonly calls: { command: CommandName; request: unknown }[];
  /** From now on this command fails with this problem; null mends it. */
  fail(command: CommandName, problem: Problem | null): void;
  /** Sends an event to everyone who watches its run. */
  emit(event: RunEvent): void;
}

export function createFake(answers: Fixtures, delayMs = 0): FakeBackend {
  const calls: FakeBackend['calls'] = [];
  const failing = new Map<CommandName, Problem>();
  const watchers = new Map<string, Set<(event: RunEvent) => void>>();
  return {
    calls,
    async call<C extends CommandName>(command: C, request: CommandRequest<C>): Promise<CommandResponse<C>> {
      calls.push({ command, request: JSON.parse(JSON.stringify(request)) as unknown });
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      const problem = failing.get(command);
      if (problem) throw new BackendError(problem);
      // Looked up untyped: the union over all commands is too large for the compiler; `Fixtures` has checked each entry.
      const answer = (answers as Record<string, unknown>)[command];
      if (answer === undefined) throw new BackendError({ code: 'no_fixture', message: `No fixture answers “${command}”.`, hint: 'Add it to src/lib/backend/fixtures.' });
      // Both sides are copied, as they are when they cross into Rust; a request crosses as JSON.
      if (typeof answer === 'function') return structuredClone(await (answer as (r: unknown) => unknown)(JSON.parse(JSON.stringify(request)))) as CommandResponse<C>;
      return structuredClone(answer as CommandResponse<C>);
    },
    async watchRun(runId, onEvent) {
      const set = watchers.get(runId) ?? new Set();
      set.add(onEvent);
      watchers.set(runId, set);
      return () => set.delete(onEvent);
    },
    chooseFolder: async () => '/home/learner/projects/support-assistant',
    chooseFile: async () => '/home/learner/projects/rag-support-assistant/README.md',
    openPath: async () => undefined,
    fail(command, problem) {
      if (problem) failing.set(command, problem);
      else failing.delete(command);
    },
    emit(event) {
      for (const tell of watchers.get(event.run) ?? []) tell(event);
    }
  };
}

export const fakeBackend = createFake(fixtures);
// Component tests reach it from the page: `window.fakeBackend.fail('today', {...})`, `.calls`, `.emit(...)`.
declare global {
  interface Window { fakeBackend?: FakeBackend }
}
if (typeof window !== 'undefined') window.fakeBackend = fakeBackend;
