import { DURATION_SYNTAX, formatDuration, parseDuration } from './duration.js';
import { withoutSecrets } from './without-secrets.js';

/** One setting of the server. */
export interface Setting<T> {
  /** Kebab-case, for example `lease-ttl`. */
  readonly name: string;
  /** For example `REEVE_LEASE_TTL`. */
  readonly env: string;
  /** For example `--lease-ttl`; a switch also has its opposite, `--no-reflection`. */
  readonly flag: string;
  readonly type: 'text' | 'list' | 'integer' | 'number' | 'duration' | 'switch' | 'choice' | 'url';
  readonly default: T;
  /** One sentence. */
  readonly doc: string;
  /** What is accepted, to complete the sentence "expected …". */
  readonly accepted: string;
  /** For a choice: what can be chosen. */
  readonly choices?: readonly string[];
  /** The value that `raw` stands for; `undefined` if it is not accepted. */
  parse(raw: string): T | undefined;
  /** As a person would write it; secrets in it as `***`. */
  format(value: T): string;
  /** Whether what is given for it is not to be repeated to anybody. */
  readonly secret?: boolean;
  /** The only command that goes by it. Default: all that serve. */
  readonly only?: 'dev' | 'serve';
}

/** A setting that only one command goes by. */
export function only<T>(command: 'dev' | 'serve', setting: Setting<T>): Setting<T> {
  return { ...setting, only: command };
}

/** What it is, and who does not go by it. */
export function docOf({ doc, only }: Setting<unknown>): string {
  return only ? `${doc} Not in reeve ${only === 'dev' ? 'serve' : 'dev'}.` : doc;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function named(name: string): Pick<Setting<never>, 'name' | 'env' | 'flag'> {
  return { name, env: `REEVE_${name.replaceAll('-', '_').toUpperCase()}`, flag: `--${name}` };
}

/** Any text that `pattern` matches whole. */
export function text(
  name: string,
  defaultValue: string,
  doc: string,
  accepted = 'text that is not empty',
  pattern = /\S/,
): Setting<string> {
  const parse = (raw: string) => (pattern.test(raw) ? raw : undefined);
  return { ...named(name), type: 'text', default: defaultValue, doc, accepted, parse, format: String };
}

/** Texts with commas between them, each matched whole by `pattern`; empty: none. */
export function list(
  name: string,
  doc: string,
  accepted: string,
  pattern: RegExp,
): Setting<readonly string[]> {
  const parse = (raw: string) => {
    const items = raw.split(',').flatMap((item) => item.trim() || []);
    return items.every((item) => pattern.test(item)) ? items : undefined;
  };
  const format = (items: readonly string[]) => items.join(',');
  return { ...named(name), type: 'list', default: [], doc, accepted, parse, format };
}

function numeric(
  type: 'integer' | 'number',
  name: string,
  defaultValue: number,
  bounds: Bounds,
  doc: string,
): Setting<number> {
  const syntax = type === 'integer' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  return {
    ...named(name),
    type,
    default: defaultValue,
    doc,
    accepted: `${noun} from ${bounds.min} to ${bounds.max}`,
    parse: (raw) => (syntax.test(raw) ? within(bounds, Number(raw)) : undefined),
    format: String,
  };
}

export function integer(name: string, defaultValue: number, bounds: Bounds, doc: string): Setting<number> {
  return numeric('integer', name, defaultValue, bounds, doc);
}

export function number(name: string, defaultValue: number, bounds: Bounds, doc: string): Setting<number> {
  return numeric('number', name, defaultValue, bounds, doc);
}

/** In ms. */
export function duration(name: string, defaultValue: number, bounds: Bounds, doc: string): Setting<number> {
  return {
    ...named(name),
    type: 'duration',
    default: defaultValue,
    doc,
    accepted: `${DURATION_SYNTAX}, from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}`,
    parse: (raw) => {
      const ms = parseDuration(raw);
      return ms === undefined ? undefined : within(bounds, ms);
    },
    format: formatDuration,
  };
}

/** An address with a password in it, perhaps; empty: none. @param schemes for example `['redis', 'rediss']` */
export function url(name: string, schemes: readonly string[], example: string, doc: string): Setting<string> {
  const parse = (raw: string) =>
    raw === '' || (URL.canParse(raw) && schemes.includes(new URL(raw).protocol.slice(0, -1)))
      ? raw
      : undefined;
  const accepted = `a URL such as ${example}`;
  return {
    ...named(name),
    type: 'url',
    default: '',
    doc,
    accepted,
    parse,
    format: withoutSecrets,
    secret: true,
  };
}

const ON = new Set(['true', '1', 'yes', 'on']);
const OFF = new Set(['false', '0', 'no', 'off']);

export function toggle(name: string, defaultValue: boolean, doc: string): Setting<boolean> {
  const parse = (raw: string) => {
    const word = raw.toLowerCase();
    return ON.has(word) ? true : OFF.has(word) ? false : undefined;
  };
  const accepted = 'true or false';
  return { ...named(name), type: 'switch', default: defaultValue, doc, accepted, parse, format: String };
}

export function choice<const C extends string>(
  name: string,
  choices: readonly C[],
  defaultValue: NoInfer<C>,
  doc: string,
): Setting<C> {
  return {
    ...named(name),
    type: 'choice',
    default: defaultValue,
    doc,
    accepted: choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`,
    choices,
    parse: (raw) => choices.find((c) => c.toLowerCase() === raw.toLowerCase()),
    format: String,
  };
}

function within({ min, max }: Bounds, value: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}
