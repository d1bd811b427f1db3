import { TIERS } from '../domain/tasks/tier.js';
import type { RedisClient } from './client.js';
import { loadScript } from './script.js';
import { type List, list } from './step.js';

const SCAN = loadScript('./scripts/scan.lua', import.meta.url);
/** Pages that a call reads at most: where few wait among many, it gives up for now. */
const MAX_PAGES = 20;

/** Where they are, as `scripts/scan.lua` names it. */
const PLACES = {
  waiting: ['q'],
  delayed: TIERS.map((tier) => `delayed:${tier}`),
  held: ['held'],
} as const;

interface Found {
  readonly org: string;
  readonly taskId: string;
  readonly number: number;
}

/** Goes round the tasks of all organisations that are in one kind of place. */
export class Scan {
  readonly #client: RedisClient;
  readonly #orgs: () => Promise<readonly string[]>;
  readonly #places: readonly string[];
  /** Organisations and places that this round has not come to yet. */
  #left: readonly (readonly [string, string])[] | null = null;
  #cursor = '0';
  #found: Found[] = [];

  constructor(
    { client, orgs }: { readonly client: RedisClient; readonly orgs: () => Promise<readonly string[]> },
    what: keyof typeof PLACES,
  ) {
    this.#client = client;
    this.#orgs = orgs;
    this.#places = PLACES[what];
  }

  /** The next ones, at most `max`, and none past the end of a round. */
  async next<T>(
    max: number,
    toItem: (org: string, taskId: string, number: number) => T,
  ): Promise<readonly T[]> {
    for (let pages = 0; this.#found.length < max && pages < MAX_PAGES; pages += 1) {
      this.#left ??= (await this.#orgs()).flatMap((org) =>
        this.#places.map((place) => [org, place] as const),
      );
      const [next] = this.#left;
      if (next === undefined) break;
      await this.#readPage(...next, max);
    }
    // What the last page had too many of comes with the next call.
    const taken = this.#found.splice(0, max);
    if (this.#left?.length === 0 && this.#found.length === 0) this.#left = null;
    return taken.map(({ org, taskId, number }) => toItem(org, taskId, number));
  }

  async #readPage(org: string, place: string, max: number): Promise<void> {
    const text = String(await this.#client.run(SCAN, org, [this.#cursor, max, place]));
    const page = JSON.parse(text) as { cursor: string; found: List<readonly [string, number]> };
    for (const [taskId, number] of list(page.found)) this.#found.push({ org, taskId, number });
    this.#cursor = page.cursor;
    if (page.cursor === '0') this.#left = (this.#left ?? []).slice(1);
  }
}
