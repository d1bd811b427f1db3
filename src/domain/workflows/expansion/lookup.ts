import type { JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import type { Scope } from '../scope.js';
import { valueIn, whatIs } from './paths.js';

/** An array that was found, and the key of the task's own input that it came from. */
export type Located =
  | { readonly ok: true; readonly values: readonly JsonValue[]; readonly source: string | null }
  | { readonly ok: false; readonly problem: string };

/** Paths that begin with one of these lead from there. */
export const ROOTS = ['context', 'results', 'params'] as const;

/**
 * The array at a path: from `context.`, `results.` or `params.` if it begins so; else in the task's own input, in the
 * `data` of that, in the context: where the first name of the path is found first.
 */
export function locate(path: string, input: JsonValue, scope: Scope): Located {
  const segments = path.split('.');
  const [head = '', ...rest] = segments;
  const root = ROOTS.find((each) => each === head);
  if (root && rest.length > 0) return asArray(path, valueIn(scope[root], rest), null);
  const own = sourceOf(path, input);
  if (own) return asArray(own.place, valueIn(own.within, own.segments), own.key);
  if (Object.hasOwn(scope.context, head)) {
    return asArray(`context.${path}`, valueIn(scope.context, segments), null);
  }
  return { ok: false, problem: `there is no ${path} in the task's input, and none in the context` };
}

/** Where in a task's own input a path leads; `null`: not there. */
function sourceOf(path: string, input: JsonValue) {
  if (!isObject(input)) return null;
  const segments = path.split('.');
  const [head = '', next = ''] = segments;
  if (Object.hasOwn(input, path)) return { within: input, segments: [path], key: path, place: path };
  // Of `data.users`, all of `data` is the source.
  if (Object.hasOwn(input, head)) return { within: input, segments, key: head, place: path };
  const { data = null } = input;
  if (!isObject(data) || next === undefined) return null;
  if (Object.hasOwn(data, path)) {
    return { within: data, segments: [path], key: 'data', place: `data.${path}` };
  }
  return Object.hasOwn(data, head) ? { within: data, segments, key: 'data', place: `data.${path}` } : null;
}

function asArray(path: string, value: JsonValue | undefined, source: string | null): Located {
  if (value === undefined) return { ok: false, problem: `there is no ${path}` };
  if (Array.isArray(value)) return { ok: true, values: value, source };
  return { ok: false, problem: `${path} is ${whatIs(value)}, not a list` };
}
