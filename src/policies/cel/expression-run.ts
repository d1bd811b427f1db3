import type { JsonObject, JsonValue } from '../../domain/json.js';
import { type NamedPath, UNKNOWN_VARIABLE } from '../../ports/expression-engine.js';
import type { CelInput } from './compile.js';
import { type CompiledExpression, compileExpression } from './compile-expression.js';
import { answered, failedWith } from './evaluate.js';
import type { Evaluated, Item, Request, Result } from './messages.js';
import { failureText, isMissing } from './problems.js';
import { markOf, type Progress } from './progress.js';
import { Recent } from './recent.js';
import { type CelValue, celOf, jsonOf } from './values.js';

/** The largest value, in characters of JSON, and how deep it may be nested: what a context takes. */
export const MAX_VALUE_LENGTH = 4 * 1024 * 1024;
export const MAX_VALUE_DEPTH = 64;
/** Compiled expressions that are kept, and their characters. */
const MAX_PROGRAMS = 1_000;
const MAX_PROGRAMS_LENGTH = 300_000;

const programs = new Recent<CompiledExpression>(MAX_PROGRAMS, MAX_PROGRAMS_LENGTH);

/** Answers what a request asks of expressions of workflows; what their values share is read once. */
export class ExpressionRun {
  readonly #request: Request;
  readonly #lines: readonly string[];
  readonly #progress: Progress;
  readonly #parts = new Map<number, { readonly path: NamedPath; readonly value: CelValue }>();
  readonly #scopes = new Map<number, CelInput>();
  /** How long it took to read what expressions share, in ms. */
  readMs = 0;

  constructor(request: Request, lines: readonly string[], progress: Progress) {
    this.#request = request;
    this.#lines = lines;
    this.#progress = progress;
  }

  learn([, expression]: Extract<Item, readonly ['learn', ...number[]]>, at: number): Result {
    const compiled = this.#compiled(expression, at);
    return 'problems' in compiled ? ['problems', compiled.problems] : ['learnt', compiled.program.names];
  }

  evaluate([, asked, scope, own]: Extract<Item, readonly ['express', ...number[]]>, at: number): Evaluated {
    const compiled = this.#compiled(asked, at);
    if ('problems' in compiled) return failedOf(compiled.problems[0]?.message ?? '');
    const { expression, run } = compiled.program;
    try {
      const input = this.#input(scope, own, at);
      return answered(jsonOf(run(input), MAX_VALUE_DEPTH), MAX_VALUE_LENGTH);
    } catch (error) {
      if (isMissing(error)) return ['failed', 'MISSING', failureText(expression, error), 0];
      return failedWith(expression, error);
    }
  }

  #compiled(asked: number, at: number): CompiledExpression {
    const { variables, expression } = this.#request.expressions[asked] ?? { variables: [], expression: '' };
    const key = `${variables.join()}:${expression}`;
    const known = programs.get(key);
    if (known) return known;
    Atomics.store(this.#progress, 0, markOf(at, true));
    const compiled = programs.set(key, compileExpression(variables, expression));
    Atomics.store(this.#progress, 0, markOf(at, false));
    return compiled;
  }

  /** Reading values takes as long as they are large, which the deadline of an expression is not for. */
  #input(scope: number, own: number, at: number): CelInput {
    Atomics.store(this.#progress, 0, markOf(at, true));
    const input = { ...this.#scope(scope) };
    const values: JsonObject = JSON.parse(this.#lines[own] ?? '{}');
    for (const name in values) input[name] = variableOf(name, values[name] ?? null);
    Atomics.store(this.#progress, 0, markOf(at, false));
    return input;
  }

  #scope(place: number): CelInput {
    const known = this.#scopes.get(place);
    if (known) return known;
    const begin = performance.now();
    const variables = new Map<string, CelValue>();
    for (const line of this.#request.scopes[place] ?? []) put(variables, this.#part(line));
    const scope = Object.fromEntries(variables);
    this.#scopes.set(place, scope);
    this.readMs += performance.now() - begin;
    return scope;
  }

  #part(line: number): { readonly path: NamedPath; readonly value: CelValue } {
    const known = this.#parts.get(line);
    if (known) return known;
    const [path, ...values]: readonly [NamedPath, ...JsonValue[]] = JSON.parse(this.#lines[line] ?? '[[]]');
    const [json] = values;
    const name = path.length === 1 ? (path[0] ?? '') : '';
    const part = { path, value: json === undefined ? new Map() : variableOf(name, json) };
    this.#parts.set(line, part);
    return part;
  }
}

/** Puts a part where it belongs; the objects around it are made. */
function put(variables: Map<string, CelValue>, part: { readonly path: NamedPath; readonly value: CelValue }) {
  let at = variables;
  for (const key of part.path.slice(0, -1)) {
    let next = at.get(key) as Map<string, CelValue> | undefined;
    if (!next) {
      next = new Map();
      at.set(key, next);
    }
    at = next;
  }
  at.set(part.path.at(-1) ?? '', part.value);
}

/** `now` is a timestamp, as it is for policies. */
function variableOf(name: string, value: JsonValue): CelValue {
  return name === 'now' && typeof value === 'number' ? new Date(value) : celOf(value);
}

function failedOf(message: string): Evaluated {
  return ['failed', message.startsWith(UNKNOWN_VARIABLE) ? 'MISSING' : 'ERROR', message, 0];
}
