import { DURATION_SYNTAX, parseDuration } from '../settings/duration.js';
import { usageError } from './failure.js';

/** Option values by long name: a text, the texts of a repeated one, or a switch. */
export type OptionValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** What was given on the command line. */
export class Given {
  /** All arguments in order, those of `many` flattened. */
  readonly args: readonly string[];
  readonly #values: OptionValues;

  constructor(args: readonly string[], values: OptionValues) {
    this.args = args;
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  /** `undefined` if it was not said either way. */
  switched(name: string): boolean | undefined {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : undefined;
  }

  /** In ms. */
  duration(name: string): number | undefined {
    const raw = this.text(name);
    if (raw === undefined) return undefined;
    const ms = parseDuration(raw);
    if (ms === undefined || ms === 0 || ms > 2 ** 31 - 1) {
      throw usageError(`--${name}: ${JSON.stringify(raw)} is not accepted, expected ${DURATION_SYNTAX}`);
    }
    return ms;
  }

  /** A whole number from 0, or within other bounds. */
  count(name: string, bounds?: { readonly min: number; readonly max: number }): number | undefined {
    const raw = this.text(name);
    if (raw === undefined) return undefined;
    const count = /^\d{1,9}$/.test(raw) ? Number(raw) : -1;
    const { min, max } = bounds ?? { min: 0, max: Number.POSITIVE_INFINITY };
    if (count < min || count > max) {
      const range = bounds ? ` from ${min} to ${max}` : '';
      throw usageError(`--${name}: ${JSON.stringify(raw)} is not accepted, expected a whole number${range}`);
    }
    return count;
  }

  /** `--label team=core --label env=dev` as a record. */
  pairs(name: string): Record<string, string> {
    const pairs = this.list(name).map((raw) => {
      const at = raw.indexOf('=');
      if (at < 1) {
        throw usageError(`--${name}: ${JSON.stringify(raw)} is not accepted, expected key=value`);
      }
      return [raw.slice(0, at), raw.slice(at + 1)] as const;
    });
    return Object.fromEntries(pairs);
  }
}
