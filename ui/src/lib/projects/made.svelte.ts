// Failed cases that became roadmap items in this session, so that none is added twice by accident.
import { SvelteSet } from 'svelte/reactivity';

/** "run case". */
export const roadmapItems = new SvelteSet<string>();
