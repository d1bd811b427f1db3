import { DURATION_SYNTAX, formatDuration, parseDuration } from '../duration.js';
import type { JsonObject, JsonValue } from '../json.js';

/** A parameter that Reeve knows. */
export interface ConfigKey<T> {
  /** As it is set, for example `approval_timeout`. */
  readonly key: string;
  /** What it takes, for people: `duration, 0s to 48h`. */
  readonly type: string;
  /** One sentence. */
  readonly doc: string;
  /** Holds where it is not set. `null`: nothing, or what the server's settings say. */
  readonly default: T;
  /** Words that can be chosen, for completion. */
  readonly choices?: readonly string[];
  /** Completes the sentence "must be …". */
  readonly accepted: string;
  /** `undefined` if it is not taken. */
  parse(value: JsonValue): T | undefined;
  /** As it is stored and shown; equal values have one form. */
  format(value: T): JsonValue;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._\-/:@+]*$/;
const MAX_NAME = 200;
const MAX_EXPRESSION = 20_000;
const HOST_AND_PORT = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9._-]{0,250}[A-Za-z0-9])?):(\d{1,5})$/;

/** One of some words, in any case; written in lower case. */
export function choice<const C extends string>(
  key: string,
  choices: readonly C[],
  defaultValue: NoInfer<C>,
  doc: string,
): ConfigKey<C>;
export function choice<const C extends string>(
  key: string,
  choices: readonly C[],
  defaultValue: null,
  doc: string,
): ConfigKey<C | null>;
export function choice<const C extends string>(
  key: string,
  choices: readonly C[],
  defaultValue: C | null,
  doc: string,
): ConfigKey<C | null> {
  const words = choices.map((word) => word.toLowerCase());
  const type = `one of ${words.join(', ')}`;
  return {
    ...{ key, type, doc, default: defaultValue, choices: words, accepted: type },
    parse: (value) => {
      const word = typeof value === 'string' ? value.toLowerCase().replaceAll('-', '_') : undefined;
      return choices.find((_, i) => words[i] === word);
    },
    format: (value) => (value === null ? null : value.toLowerCase()),
  };
}

/** In ms, both bounds too; written as `30s`. */
export function duration(key: string, bounds: Bounds, defaultValue: number, doc: string): ConfigKey<number>;
export function duration(
  key: string,
  bounds: Bounds,
  defaultValue: null,
  doc: string,
): ConfigKey<number | null>;
export function duration(
  key: string,
  { min, max }: Bounds,
  defaultValue: number | null,
  doc: string,
): ConfigKey<number | null> {
  const range = `${formatDuration(min)} to ${formatDuration(max)}`;
  return {
    ...{ key, type: `duration, ${range}`, doc, default: defaultValue },
    accepted: `${DURATION_SYNTAX}, from ${range}`,
    parse(value) {
      const ms = typeof value === 'string' ? parseDuration(value) : undefined;
      return ms !== undefined && ms >= min && ms <= max ? ms : undefined;
    },
    format: (ms) => (ms === null ? null : formatDuration(ms)),
  };
}

export function number(key: string, bounds: Bounds, defaultValue: number, doc: string): ConfigKey<number>;
export function number(
  key: string,
  bounds: Bounds,
  defaultValue: null,
  doc: string,
): ConfigKey<number | null>;
export function number(
  key: string,
  { min, max }: Bounds,
  defaultValue: number | null,
  doc: string,
): ConfigKey<number | null> {
  return {
    ...{ key, type: `number, ${min} to ${max}`, doc, default: defaultValue },
    accepted: `a number from ${min} to ${max}`,
    parse: (value) => (typeof value === 'number' && value >= min && value <= max ? value : undefined),
    format: (value) => value,
  };
}

export function integer(key: string, bounds: Bounds, defaultValue: number, doc: string): ConfigKey<number>;
export function integer(
  key: string,
  bounds: Bounds,
  defaultValue: null,
  doc: string,
): ConfigKey<number | null>;
export function integer(
  key: string,
  bounds: Bounds,
  defaultValue: number | null,
  doc: string,
): ConfigKey<number | null> {
  const inner: ConfigKey<number | null> =
    defaultValue === null ? number(key, bounds, null, doc) : number(key, bounds, defaultValue, doc);
  return {
    ...inner,
    type: `whole ${inner.type}`,
    accepted: `a whole number from ${bounds.min} to ${bounds.max}`,
    parse: (value) => (Number.isInteger(value) ? inner.parse(value) : undefined),
  };
}

export function toggle(key: string, defaultValue: boolean, doc: string): ConfigKey<boolean> {
  return {
    ...{ key, type: 'true or false', doc, default: defaultValue, accepted: 'true or false' },
    choices: ['true', 'false'],
    parse: (value) => (typeof value === 'boolean' ? value : undefined),
    format: (value) => value,
  };
}

/** @param what for people: `id of a subject` */
export function name(key: string, what: string, doc: string): ConfigKey<string | null> {
  return text(key, what, `the ${what}, a name of at most ${MAX_NAME} characters`, doc, (value) => {
    return value.length <= MAX_NAME && NAME.test(value);
  });
}

export function address(key: string, doc: string): ConfigKey<string | null> {
  return text(key, 'host:port', 'host:port, such as host.example.com:443', doc, (value) => {
    const port = Number(HOST_AND_PORT.exec(value)?.[3] ?? 0);
    return port > 0 && port <= 65_535;
  });
}

/** CEL, which is checked where the engine is at hand. */
export function expression(key: string, doc: string): ConfigKey<string | null> {
  const accepted = `an expression in CEL of at most ${MAX_EXPRESSION} characters`;
  return text(key, 'CEL expression', accepted, doc, (value) => {
    return value.length > 0 && value.length <= MAX_EXPRESSION;
  });
}

/** A filter, which is checked where filters are known. */
export function filter(key: string, doc: string): ConfigKey<JsonObject | null> {
  const accepted = 'a filter, which is a JSON object';
  return {
    ...{ key, type: 'filter (JSON object)', doc, default: null, accepted },
    parse: (value) => (isObject(value) ? value : undefined),
    format: (value) => value,
  };
}

/** What has a form of its own. @param what for people: `limits by key` */
export function json<T>(
  key: string,
  what: string,
  form: {
    readonly accepted: string;
    readonly read: (value: JsonValue) => T | undefined;
    readonly write: (value: T) => JsonValue;
  },
  defaultValue: T,
  doc: string,
): ConfigKey<T> {
  const { accepted, read, write } = form;
  return {
    ...{ key, type: `${what} (JSON object)`, doc, default: defaultValue, accepted },
    parse: read,
    format: write,
  };
}

function text(
  key: string,
  type: string,
  accepted: string,
  doc: string,
  accept: (value: string) => boolean,
): ConfigKey<string | null> {
  return {
    ...{ key, type, doc, default: null, accepted },
    parse: (value) => (typeof value === 'string' && accept(value) ? value : undefined),
    format: (value) => value,
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
