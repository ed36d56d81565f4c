// Theme and text size. Rust keeps them; the web view keeps a copy, since they must be known before Rust has answered.
export type Theme = 'system' | 'light' | 'dark';
export const zoomSteps = [0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const key = 'appearance';

function stored(): { theme: Theme; zoom: number } {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    if (typeof value === 'object' && value !== null) {
      const theme = themes.find((t) => 'theme' in value && value.theme === t) ?? 'system';
      const zoom = 'zoom' in value && typeof value.zoom === 'number' && value.zoom >= 0.8 && value.zoom <= 2 ? value.zoom : 1;
      return { theme, zoom };
    }
  } catch {
    // A damaged or forbidden store is the same as none.
  }
  return { theme: 'system', zoom: 1 };
}

class Appearance {
  theme = $state<Theme>('system');
  zoom = $state(1);
  /** Told of every change that a person makes; the app keeps it. */
  onchange: ((theme: Theme, zoom: number) => void) | undefined;

  /** Called once by the layout, before its first paint. */
  restore(): void {
    const { theme, zoom } = stored();
    this.theme = theme;
    this.zoom = zoom;
    this.#apply();
  }

  /** What Rust has kept: applied, and not sent back. */
  adopt(theme: Theme, zoom: number): void {
    this.theme = theme;
    this.zoom = Math.min(2, Math.max(0.8, zoom));
    this.#apply();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#apply();
    this.onchange?.(this.theme, this.zoom);
  }

  setZoom(zoom: number): void {
    this.zoom = Math.min(2, Math.max(0.8, zoom));
    this.#apply();
    this.onchange?.(this.theme, this.zoom);
  }

  /** One step larger or smaller. */
  step(direction: 1 | -1): void {
    const steps = direction === 1 ? zoomSteps : [...zoomSteps].reverse();
    this.setZoom(steps.find((s) => (direction === 1 ? s > this.zoom : s < this.zoom)) ?? this.zoom);
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.theme;
    document.documentElement.style.setProperty('--text-zoom', String(this.zoom));
    try {
      localStorage.setItem(key, JSON.stringify({ theme: this.theme, zoom: this.zoom }));
    } catch {
      // Not kept; it still holds for this session.
    }
  }
}

export const appearance = new Appearance();
