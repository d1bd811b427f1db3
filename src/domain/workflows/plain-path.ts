import type { JsonObject, JsonValue } from '../json.js';
import { stepInto, type ValuePath } from './paths.js';

const CHAIN =
  /^[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*|\s*\[\s*(?:0|[1-9]\d{0,14}|"[^"\\\n]*"|'[^'\\\n]*')\s*\])*$/;
const STEP = /([A-Za-z_]\w*)|\[\s*(?:(\d+)|"([^"]*)"|'([^']*)')\s*\]/g;
/** Words of CEL that cannot be a field's name. */
const WORDS = new Set(['true', 'false', 'null', 'in']);

/**
 * The path that an expression of CEL is, from its variable on, if it is nothing else: `item.user.name`, `context.a[0].b`.
 * `now` is none: it is a timestamp in CEL.
 */
export function plainPath(expression: string): ValuePath | null {
  const text = expression.trim();
  if (!CHAIN.test(text)) return null;
  const path: (string | number)[] = [];
  for (const [, name, index, double, single] of text.matchAll(STEP)) {
    if (name !== undefined && WORDS.has(name)) return null;
    path.push(index === undefined ? (name ?? double ?? single ?? '') : Number(index));
  }
  return path[0] === 'now' ? null : path;
}

/** What a path comes to, exactly as CEL has it: what is not there is an error. */
export type PlainValue =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string };

/** Evaluates a path over these variables, of which the own ones go first; `null`: its variable is none of them. */
export function plainValue(path: ValuePath, own: JsonObject, shared: JsonObject): PlainValue | null {
  const [root = ''] = path;
  let at = stepInto(own, root) ?? stepInto(shared, root);
  if (at === undefined) return null;
  for (let place = 1; place < path.length; place++) {
    const key = path[place] ?? '';
    at = stepInto(at, key);
    if (at === undefined) return { ok: false, message: `No such key: ${key}` };
  }
  return { ok: true, value: at };
}
