// What the command palette (Ctrl/Cmd-K) can reach. Rooms are built in; screens contribute while they are mounted:
//   contribute(() => [{ id: 'run-again', label: 'Run again', group: 'This run', run: start }]);
// and long lists are searched on demand: contributeSearch((text) => findRuns(text)).
import { SvelteMap } from 'svelte/reactivity';
import { appearance } from './appearance.svelte';
import { rooms, settingsRoom } from './rooms.svelte';

export interface PaletteItem {
  id: string;
  label: string;
  /** Heading it stands under. */
  group: string;
  /** Other words that find it. */
  keywords?: string[];
  /** Shown at the right: a shortcut, a date, a project. */
  note?: string;
  href?: string;
  run?: () => void | Promise<void>;
}

type Source = () => PaletteItem[];
type Search = (text: string) => Promise<PaletteItem[]>;

const sources = new SvelteMap<symbol, Source>();
const searches = new SvelteMap<symbol, Search>();

const group = 'Appearance';
const looks: PaletteItem[] = [
  { id: 'text-larger', label: 'Larger text', group, keywords: ['zoom'], note: 'Ctrl +', run: () => appearance.step(1) },
  { id: 'text-smaller', label: 'Smaller text', group, keywords: ['zoom'], note: 'Ctrl −', run: () => appearance.step(-1) },
  { id: 'theme-system', label: 'Theme: as the system', group, run: () => appearance.setTheme('system') },
  { id: 'theme-light', label: 'Theme: light', group, run: () => appearance.setTheme('light') },
  { id: 'theme-dark', label: 'Theme: dark', group, run: () => appearance.setTheme('dark') }
];

class Palette {
  open = $state(false);

  /** What the open screen offers comes first, then the rooms, then appearance. */
  items = $derived<PaletteItem[]>([
    ...[...sources.values()].flatMap((source) => source()),
    ...[...rooms, settingsRoom].map((r) => ({ id: `room-${r.id}`, label: r.label, group: 'Go to', href: r.href, keywords: r.keywords })),
    ...looks
  ]);

  get searches(): Search[] {
    return [...searches.values()];
  }
}

export const palette = new Palette();

/** Adds items for as long as the calling component lives. */
export function contribute(source: Source): void {
  $effect(() => {
    const key = Symbol();
    sources.set(key, source);
    return () => sources.delete(key);
  });
}

/** Adds a search that is asked for what is typed, for as long as the calling component lives. */
export function contributeSearch(search: Search): void {
  $effect(() => {
    const key = Symbol();
    searches.set(key, search);
    return () => searches.delete(key);
  });
}
