import type { JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';

/** A mean of numbers; `null`: of none. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number | null {
    return this.#count > 0 && Number.isFinite(this.#sum) ? this.#sum : null;
  }

  get value(): number | null {
    return this.sum === null ? null : this.sum / this.#count;
  }
}

/** How sure outputs are: the mean of their number `confidence`, of those that have one. */
export class Confidence {
  readonly #mean = new Mean();

  add(output: JsonValue): void {
    if (isObject(output) && typeof output.confidence === 'number') this.#mean.add(output.confidence);
  }

  /** Where none has one: the share of items that succeeded; 1 of no items. */
  of({ succeeded, total }: { readonly succeeded: number; readonly total: number }): number {
    return this.#mean.value ?? (total === 0 ? 1 : succeeded / total);
  }
}
