import type { JsonObject } from '../../domain/json.js';
import { sizeProblem } from '../../domain/json-size.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { LOOKUP_SIZE, MAX_QUERIES_BYTES } from '../../domain/workflows/lookups.js';
import type { ContextQuery } from '../../ports/context-provider.js';

/** What items look up: of equal queries one, in the order in which they came up. */
export class Questions {
  readonly queries: ContextQuery[] = [];
  readonly #items: readonly Item[] | null;
  readonly #known = new Map<string, number>();
  /** By query: the place of the first item that has it. */
  readonly #first: number[] = [];
  #bytes = 0;

  /** @param items `null`: there is one task, which is no item */
  constructor(items: readonly Item[] | null) {
    this.#items = items;
  }

  /** Adds the queries of the item at a place. @returns their places among all; or a reason, if one cannot be asked */
  add(names: readonly string[], queries: JsonObject, item: number): readonly number[] | string {
    const places: number[] = [];
    for (const name of names) {
      const query = queries[name] ?? null;
      // First: what is too deep cannot be written down.
      const problem = sizeProblem(query, LOOKUP_SIZE);
      if (problem !== null) return this.#reason(name, item, `the query ${problem}`);
      const key = JSON.stringify([name, query]);
      let at = this.#known.get(key);
      if (at === undefined) {
        at = this.queries.push({ name, query }) - 1;
        this.#known.set(key, at);
        this.#first.push(item);
        this.#bytes += Buffer.byteLength(key);
      }
      places.push(at);
      if (this.#bytes <= MAX_QUERIES_BYTES) continue;
      const most = `at most ${MAX_QUERIES_BYTES} bytes as JSON`;
      return this.#reason(name, item, `all queries of tasks that are made together must have ${most}`);
    }
    return places;
  }

  /** Why there are no tasks, as one query has no answer. */
  failed(at: number, message: string): string {
    return this.#reason(this.queries[at]?.name ?? '', this.#first[at] ?? 0, message);
  }

  #reason(name: string, item: number, message: string): string {
    const of = this.#items?.[item];
    return `LOOKUP_FAILED: lookups.${name}${of ? `, of item ${of.item}` : ''}: ${message}`;
  }
}
