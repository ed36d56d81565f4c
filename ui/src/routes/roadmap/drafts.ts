/** Retros that were begun and not sent, by week. They live as long as the window. */
export const drafts = new Map<number, { retro: string; plan: string }>();
