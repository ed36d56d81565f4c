// The rooms of the app: the rail, the palette and the crumbs all read this list. `roomCounts` is what the rail shows
// at the right of a room ("6/12"); a room sets its own after loading: `roomCounts.roadmap = '6/12'`.
import type { Component } from 'svelte';
import House from '@lucide/svelte/icons/house';
import TextAlignStart from '@lucide/svelte/icons/text-align-start';
import ChartNoAxesColumn from '@lucide/svelte/icons/chart-no-axes-column';
import Folder from '@lucide/svelte/icons/folder';
import FileText from '@lucide/svelte/icons/file-text';
import SettingsIcon from '@lucide/svelte/icons/settings';

export type RoomId = 'today' | 'roadmap' | 'skills' | 'projects' | 'portfolio' | 'settings';

export interface Room {
  id: RoomId;
  label: string;
  href: string;
  icon: Component<{ size?: number | string; strokeWidth?: number | string; 'aria-hidden'?: boolean | 'true' | 'false' }>;
  /** Words that also find the room in the palette. */
  keywords: string[];
}

export const rooms: readonly Room[] = [
  { id: 'today', label: 'Today', href: '/', icon: House, keywords: ['home', 'next', 'due'] },
  { id: 'roadmap', label: 'Roadmap', href: '/roadmap', icon: TextAlignStart, keywords: ['weeks', 'milestones', 'plan'] },
  { id: 'skills', label: 'Skills', href: '/skills', icon: ChartNoAxesColumn, keywords: ['competencies', 'gap', 'audit', 'market'] },
  { id: 'projects', label: 'Projects', href: '/projects', icon: Folder, keywords: ['evals', 'runs', 'suites', 'cost', 'latency', 'traces'] },
  { id: 'portfolio', label: 'Portfolio', href: '/portfolio', icon: FileText, keywords: ['claims', 'case study', 'résumé', 'site', 'export'] }
];
export const settingsRoom: Room = { id: 'settings', label: 'Settings', href: '/settings', icon: SettingsIcon, keywords: ['theme', 'keys', 'providers', 'prices', 'backup'] };

export const roomCounts = $state<Partial<Record<RoomId, string>>>({});

/** Which room a path belongs to. */
export function roomAt(pathname: string): RoomId | undefined {
  return [...rooms, settingsRoom].find((r) => (r.href === '/' ? pathname === '/' : pathname === r.href || pathname.startsWith(`${r.href}/`)))?.id;
}
