// Reading from Rust inside a component: `const today = query(() => backend.call('today', { date }))`.
// Runs again when something it reads changes; a late answer to an old question is dropped; keeps the last data while
// it reloads so that the screen does not flicker.
import { toBackendError, type BackendError } from '$lib/backend';

export class Query<T> {
  data = $state.raw<T | undefined>(undefined);
  error = $state.raw<BackendError | undefined>(undefined);
  loading = $state(true);
  #turn = 0;
  #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  reload = async (): Promise<void> => {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const data = await this.#ask();
      if (turn !== this.#turn) return;
      this.data = data;
      this.error = undefined;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = toBackendError(thrown);
    }
    this.loading = false;
  };

  /** Forgets the question under way, so that nothing arrives after the component has gone. */
  drop(): void {
    this.#turn++;
  }
}

/** Call while a component initialises. What `ask` reads before its first await is what it depends on. */
export function query<T>(ask: () => Promise<T>): Query<T> {
  const q = new Query(ask);
  $effect(() => {
    void q.reload();
    return () => q.drop();
  });
  return q;
}
