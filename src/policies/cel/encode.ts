import type { JsonObject, JsonValue } from '../../domain/json.js';
import { isObject } from '../../domain/policies/answer-fields.js';
import type { PolicyCandidate, PolicyInput, PolicyTask } from '../../domain/policies/policy-input.js';
import type { Question } from '../../domain/policies/question.js';
import type { ExpressionUse } from '../../ports/policy-engine.js';
import { CANDIDATE_FIELD_NAMES, TASK_FIELD_NAMES } from './cel-types.js';
import type { Part } from './named-paths.js';
import type { Names } from './names.js';

/** Builds the JSON text of a request; what several items share goes into it once. */
export class RequestBuilder {
  readonly #programs = new Map<string, number>();
  readonly #schemas = new Shared<JsonObject>();
  readonly #tasks = new Shared<PolicyTask>();
  readonly #orgs = new Shared<JsonObject>();
  readonly #pools = new Shared<readonly PolicyCandidate[]>();
  readonly #inputs: string[] = [];
  readonly #items: string[] = [];
  readonly #expressions = new Map<string, number>();
  readonly #scopes: string[] = [];
  /** Places of parts among the lines. */
  readonly #parts = new Map<Part, number>();
  readonly #lines: string[] = [];
  #scopeLength = 0;
  #length = 0;

  /** So far, in characters; without the newest scope, so that all that it is for can go along. */
  get length(): number {
    return this.#length + this.#tasks.length + this.#orgs.length + this.#pools.length + this.#schemas.length;
  }

  get count(): number {
    return this.#items.length;
  }

  /** @returns what it is told; `null`: it is too large to be asked */
  evaluate(kind: 'run' | 'trace', program: number, names: Names, input: PolicyInput): Question | null {
    const { now, candidates = NOBODY } = input;
    const task = this.#tasks.add(input.task, names, taskText);
    const org = this.#orgs.add(input.org, names, orgText);
    const pool = names.usesCandidates ? this.#pools.add(candidates, names, poolText) : 0;
    if (task < 0 || org < 0 || pool < 0) return null;
    this.#items.push(`["${kind}",${program},${task},${org},${pool},${JSON.stringify(now)}]`);
    return {
      task: this.#tasks.texts[task] as string,
      org: this.#orgs.texts[org] as string,
      candidates: names.usesCandidates ? (this.#pools.texts[pool] as string) : null,
      now,
    };
  }

  compile(program: number): void {
    this.#items.push(`["compile",${program}]`);
  }

  /** @returns whether it is small enough to be asked */
  checkSchema(schema: JsonObject): boolean {
    const place = this.#schemas.add(schema, null, schemaText);
    if (place < 0) return false;
    this.#items.push(`["schema",${place}]`);
    return true;
  }

  /** @returns whether it is small enough to be asked */
  validate(schema: JsonObject, input: JsonValue): boolean {
    const place = this.#schemas.add(schema, null, schemaText);
    const text = JSON.stringify(input);
    if (place < 0 || text.length > MAX_PART_LENGTH) return false;
    this.#length += text.length;
    this.#items.push(`["validate",${place},${this.#inputs.push(text) - 1}]`);
    return true;
  }

  program(use: ExpressionUse, expression: string): number {
    const text = JSON.stringify({ use, expression });
    const known = this.#programs.get(text);
    if (known !== undefined) return known;
    this.#programs.set(text, this.#programs.size);
    this.#length += text.length;
    return this.#programs.size - 1;
  }

  expression(variables: readonly string[], expression: string): number {
    const text = JSON.stringify({ variables, expression });
    const known = this.#expressions.get(text);
    if (known !== undefined) return known;
    this.#expressions.set(text, this.#expressions.size);
    this.#length += text.length;
    return this.#expressions.size - 1;
  }

  /** What expressions share; each part goes along once. @returns its place; -1: it is too long */
  scope(parts: readonly Part[]): number {
    const length = parts.reduce((sum, { text }) => sum + text.length, 0);
    if (length > MAX_NAMED_LENGTH) return -1;
    this.#length += this.#scopeLength;
    this.#scopeLength = 0;
    const places = parts.map((part) => {
      const known = this.#parts.get(part);
      if (known !== undefined) return known;
      this.#scopeLength += part.text.length;
      const place = this.#lines.push(part.text) - 1;
      this.#parts.set(part, place);
      return place;
    });
    return this.#scopes.push(`[${places}]`) - 1;
  }

  learn(expression: number): void {
    this.#items.push(`["learn",${expression}]`);
  }

  /** @returns whether it is small enough to be asked */
  express(expression: number, scope: number, own: string): boolean {
    if (scope < 0 || own.length > MAX_NAMED_LENGTH) return false;
    this.#length += own.length;
    this.#items.push(`["express",${expression},${scope},${this.#lines.push(own) - 1}]`);
    return true;
  }

  build(): string {
    const programs = [...this.#programs.keys()].join();
    const expressions = [...this.#expressions.keys()].join();
    const head = `{"programs":[${programs}],"schemas":[${this.#schemas.texts}],"tasks":[${this.#tasks.texts}],"orgs":[${this.#orgs.texts}],"pools":[${this.#pools.texts}],"inputs":[${this.#inputs}],"expressions":[${expressions}],"scopes":[${this.#scopes}],"items":[${this.#items}]}`;
    return this.#lines.length === 0 ? head : `${head}\n${this.#lines.join('\n')}`;
  }
}

/** The longest JSON text of one task, of an organisation's parameters, of one task's candidates, of a schema. */
export const MAX_PART_LENGTH = 512 * 1024;

/** The longest JSON text of what one expression of a workflow names: of what is shared, and of its own. */
export const MAX_NAMED_LENGTH = 2 * 1024 * 1024;

const NOBODY: readonly PolicyCandidate[] = [];

/** The fields that are named; their names need no quoting. */
function fieldsText(value: object, names: readonly string[]): string {
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of names) {
    const field = fields[name];
    if (field !== undefined) text += `${text && ','}"${name}":${JSON.stringify(field)}`;
  }
  return `{${text}}`;
}

function taskText(task: PolicyTask, names: Names | null): string {
  const fields = names?.task ?? TASK_FIELD_NAMES;
  const { input } = task;
  const keys = names?.input;
  if (!keys || !fields.includes('input') || !isObject(input)) return fieldsText(task, fields);
  const others = fields.filter((name) => name !== 'input');
  return fieldsText({ ...task, input: pick(input, keys) }, [...others, 'input']);
}

/** By the organisation's parameters: all of them can be long, and are the same until one is set. */
const orgTexts = new WeakMap<JsonObject, string>();

function orgText(org: JsonObject, names: Names | null): string {
  if (names?.org) return JSON.stringify(pick(org, names.org));
  const known = orgTexts.get(org);
  if (known !== undefined) return known;
  const text = JSON.stringify(org);
  orgTexts.set(org, text);
  return text;
}

function poolText(pool: readonly PolicyCandidate[], names: Names | null): string {
  const fields = names?.candidates ?? CANDIDATE_FIELD_NAMES;
  return `[${pool.map((candidate) => fieldsText(candidate, fields))}]`;
}

const schemaTexts = new WeakMap<JsonObject, string>();

function schemaText(schema: JsonObject): string {
  const known = schemaTexts.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(JSON.stringify(schema));
  schemaTexts.set(schema, text);
  return text;
}

function pick(value: JsonObject, keys: readonly string[]): JsonObject {
  const picked = keys.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key] ?? null]);
  return Object.fromEntries(picked);
}

/**
 * Values that items share, each as often as there are expressions that name other parts of it. An expression
 * keeps its `Names`, so that their identity says whether the same is named.
 */
class Shared<T extends object> {
  readonly texts: string[] = [];
  /** Of all texts, in characters. */
  length = 0;
  /** What the values of the last names are at. */
  readonly #places = new Map<Names | null, Map<T, number>>();

  add(value: T, names: Names | null, text: (value: T, names: Names | null) => string): number {
    let places = this.#places.get(names);
    if (!places) {
      places = new Map();
      this.#places.set(names, places);
    }
    const known = places.get(value);
    if (known !== undefined) return known;
    const place = this.#push(text(value, names));
    places.set(value, place);
    return place;
  }

  /** @returns -1: too long */
  #push(json: string): number {
    if (json.length > MAX_PART_LENGTH) return -1;
    this.length += json.length;
    return this.texts.push(json) - 1;
  }
}
