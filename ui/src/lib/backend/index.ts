// The only door to Rust. Screens import `backend` from here and nothing from @tauri-apps.
import { BackendError, toBackendError, type Backend } from './contract';

export { BackendError, inOneLine, toBackendError } from './contract';
export type { Backend, CommandName, CommandRequest, CommandResponse, Problem, RunEvent } from './contract';

const mayFake = import.meta.env.DEV || import.meta.env.VITE_BACKEND === 'fake';
const inWindow = typeof window !== 'undefined' && window.__TAURI_INTERNALS__ !== undefined;

/** True when the figures on screen are fixtures. */
export const isFake = mayFake && (import.meta.env.VITE_BACKEND === 'fake' || !inWindow);

// The one place that chooses. The fake and its fixtures are a separate chunk that a release build does not contain.
async function choose(): Promise<Backend> {
  if (mayFake && isFake) return (await import('./fake')).fakeBackend;
  if (inWindow) return (await import('./tauri')).tauriBackend;
  throw new BackendError({
    code: 'no_window',
    message: 'This page works only inside the Transition Playbook window.',
    hint: 'Start the app, or run `npm run dev:fake` to look at the screens with invented data.'
  });
}

let chosen: Promise<Backend> | undefined;

async function use<T>(action: (backend: Backend) => Promise<T>): Promise<T> {
  try {
    return await action(await (chosen ??= choose()));
  } catch (thrown) {
    throw toBackendError(thrown);
  }
}

export const backend: Backend = {
  call: (command, request) => use((b) => b.call(command, request)),
  watchRun: (runId, onEvent) => use((b) => b.watchRun(runId, onEvent)),
  chooseFolder: () => use((b) => b.chooseFolder()),
  chooseFile: () => use((b) => b.chooseFile()),
  openPath: (path) => use((b) => b.openPath(path))
};
