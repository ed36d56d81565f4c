// Small words of the review screens.
import type { Marks } from '$lib/backend/types/Marks';
import type { QueueItem } from '$lib/backend/types/QueueItem';
import type { RootCause } from '$lib/backend/types/RootCause';

export const keyOf = (item: { case_index: number; repeat: number }): string => `${item.case_index}.${item.repeat}`;

export const markNames: readonly { mark: keyof Marks; key: string; label: string; question: string }[] = [
  { mark: 'correct', key: 'c', label: 'Correct', question: 'Is it true?' },
  { mark: 'valuable', key: 'v', label: 'Valuable', question: 'Is it of use to the one who asked?' },
  { mark: 'aligned', key: 'a', label: 'Aligned', question: 'Does it keep to what the product promises and forbids?' }
];

export const rootCauses: readonly { value: RootCause; label: string }[] = [
  { value: 'prompt', label: 'Prompt: what the model was told' },
  { value: 'retrieval', label: 'Retrieval: what it was given to read' },
  { value: 'state', label: 'State: what was remembered or mixed up' },
  { value: 'provider', label: 'Provider: the model or its API' },
  { value: 'orchestration', label: 'Orchestration: the order of steps and tools' },
  { value: 'infrastructure', label: 'Infrastructure: machines, network, settings' },
  { value: 'unclear', label: 'Unclear: looked, could not tell' }
];

/** Yes, no, not said, and from the beginning. */
export const nextMark = (now: boolean | null): boolean | null => (now === null ? true : now ? false : null);

/** The next one without a verdict that was not skipped, from `from` on and then from the top; -1 when there is none. */
export function nextOpen(items: readonly QueueItem[], from: number, skipped: ReadonlySet<string>): number {
  const open = (item: QueueItem | undefined): boolean => item !== undefined && item.review === null && !skipped.has(keyOf(item));
  for (let step = 1; step <= items.length; step++) {
    const at = (from + step) % items.length;
    if (at !== from && open(items[at])) return at;
  }
  return -1;
}
