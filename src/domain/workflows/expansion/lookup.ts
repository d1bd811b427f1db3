import type { JsonObject, JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import { parsePath, type ValuePath } from '../paths.js';
import type { Scope } from '../scope.js';
import { isTemplate } from '../templates.js';
import { valueIn, whatIs } from './paths.js';

/** Paths that begin with one of these lead from there. */
export const ROOTS = ['context', 'results', 'params'] as const;

/** Where an array comes from. */
export type Origin =
  /** What all tasks of a workflow see; whether its path says so itself. */
  | {
      readonly kind: 'SHARED';
      readonly root: (typeof ROOTS)[number];
      readonly path: ValuePath;
      readonly isRooted: boolean;
    }
  /** The task's own input, or its `data`: the key that is there, and the way on from its value. */
  | { readonly kind: 'INPUT'; readonly at: readonly [string, ...string[]]; readonly path: ValuePath }
  | { readonly kind: 'NONE' };

/**
 * Where the path of an array leads: from `context`, `results` or `params` if it begins so; else into the task's own
 * input, into the `data` of that, into the context: the first that has its first name.
 */
export function originOf(text: string, input: JsonValue): Origin {
  const path = parsePath(text);
  if (!path) return { kind: 'NONE' };
  const [head = '', ...rest] = path;
  const root = ROOTS.find((each) => each === head);
  if (root && rest.length > 0) return { kind: 'SHARED', root, path: rest, isRooted: true };
  const own = isObject(input) ? inInput(text, path, input) : null;
  return own ?? { kind: 'SHARED', root: 'context', path, isRooted: false };
}

function inInput(text: string, path: ValuePath, input: JsonObject): Origin | null {
  const [head = '', ...rest] = path;
  if (Object.hasOwn(input, text)) return { kind: 'INPUT', at: [text], path: [] };
  if (Object.hasOwn(input, head)) return { kind: 'INPUT', at: [String(head)], path: rest };
  const { data } = input;
  // What is to become an object by a template may have anything.
  if (typeof data === 'string' && isTemplate(data)) return { kind: 'INPUT', at: ['data'], path };
  if (!isObject(data)) return null;
  if (Object.hasOwn(data, text)) return { kind: 'INPUT', at: ['data', text], path: [] };
  return Object.hasOwn(data, head) ? { kind: 'INPUT', at: ['data', String(head)], path: rest } : null;
}

/** An array that was found, and the key of the task's own input that it came from. */
export type Located =
  | { readonly ok: true; readonly values: readonly JsonValue[]; readonly source: string | null }
  | { readonly ok: false; readonly problem: string };

/** The array at a path. */
export function locate(text: string, input: JsonValue, scope: Scope): Located {
  const origin = originOf(text, input);
  switch (origin.kind) {
    case 'NONE':
      return { ok: false, problem: `${text} is no path such as users or context.users` };
    case 'INPUT': {
      const place = origin.at.length > 1 ? `data.${text}` : text;
      return asArray(place, valueIn(input, [...origin.at, ...origin.path]), origin.at[0]);
    }
    case 'SHARED': {
      const value = valueIn(scope[origin.root], origin.path);
      if (origin.isRooted) return asArray(text, value, null);
      if (value !== undefined) return asArray(`context.${text}`, value, null);
      return { ok: false, problem: `there is no ${text} in the task's input, and none in the context` };
    }
  }
}

function asArray(place: string, value: JsonValue | undefined, source: string | null): Located {
  if (value === undefined) return { ok: false, problem: `there is no ${place}` };
  if (Array.isArray(value)) return { ok: true, values: value, source };
  return { ok: false, problem: `${place} is ${whatIs(value)}, not a list` };
}
