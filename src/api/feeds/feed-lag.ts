import type { ChangePage } from '../../ports/change-log.js';

/** How far apart moments are that are remembered, in ms. */
const GRAIN_MS = 100;

/** How far what was read is behind what may be committed. */
export class FeedLag {
  /** For each look that is not caught up with: the newest transaction there was, and when. */
  #behind: { readonly begun: number; readonly at: number }[] = [];
  #lookedAt: number | null = null;

  /** @param at when the page was asked for, monotonic, in ms */
  saw({ begun, upTo }: Pick<ChangePage, 'begun' | 'upTo'>, at: number): void {
    this.#lookedAt = at;
    const caughtUp = this.#behind.findIndex((look) => look.begun > upTo);
    this.#behind = caughtUp < 0 ? [] : this.#behind.slice(caughtUp);
    const last = this.#behind.at(-1);
    if (begun > upTo && (!last || at - last.at >= GRAIN_MS)) this.#behind.push({ begun, at });
  }

  /** What was committed so many ms ago, and before, was read. */
  ms(now: number): number {
    const since = this.#behind[0]?.at ?? this.#lookedAt;
    return since === null ? 0 : Math.max(0, now - since);
  }

  clear(): void {
    this.#behind = [];
    this.#lookedAt = null;
  }
}
