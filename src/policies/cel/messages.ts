import type { JsonValue } from '../../domain/json.js';
import type { PolicyFailure } from '../../domain/policies/decision.js';
import type { NamedPath } from '../../ports/expression-engine.js';
import type { ExpressionUse, PolicyProblem, SchemaViolation, TraceStep } from '../../ports/policy-engine.js';
import type { Names } from './names.js';

/**
 * What is asked of the thread, as one text: cheaper than a structured clone, and bounded by its length. Its first
 * line is this, as JSON; the others are values of workflows, JSON too, each read only when an item wants it.
 * Items name what they are about by its place in the lists, so that a task that two policies look at is
 * sent once.
 */
export interface Request {
  readonly programs: readonly { readonly use: ExpressionUse; readonly expression: string }[];
  /** JSON texts. */
  readonly schemas: readonly string[];
  /** Of `PolicyTask`, what is named. */
  readonly tasks: readonly Readonly<Record<string, unknown>>[];
  readonly orgs: readonly Readonly<Record<string, unknown>>[];
  readonly pools: readonly (readonly Readonly<Record<string, unknown>>[])[];
  /** Of jobs, for schemas. */
  readonly inputs: readonly JsonValue[];
  /** Of workflows, with the variables that they may name. */
  readonly expressions: readonly { readonly variables: readonly string[]; readonly expression: string }[];
  /** What expressions name of the values that they share: lines, each `[path, value]`, or `[path]` of an empty object. */
  readonly scopes: readonly (readonly number[])[];
  readonly items: readonly Item[];
}

export type Item =
  /** Evaluate, or trace the parts of: program, task, org, pool, now. */
  | readonly ['run' | 'trace', number, number, number, number, number]
  /** Compile a program. */
  | readonly ['compile', number]
  /** Compile a schema. */
  | readonly ['schema', number]
  /** Check an input: schema, input. */
  | readonly ['validate', number, number]
  /** Find out what an expression of a workflow names. */
  | readonly ['learn', number]
  /** Evaluate one: expression, scope, the line of its own variables, an object. */
  | readonly ['express', number, number, number];

/** What an evaluation came to. */
export type Evaluated =
  /** The answer, ms. */
  | readonly ['ok', JsonValue, number]
  /** None: why, in words, ms. */
  | readonly ['failed', PolicyFailure, string, number];

/** What came of an item. */
export type Result =
  | Evaluated
  | readonly ['traced', readonly TraceStep[]]
  | readonly ['compiled', Names]
  | readonly ['problems', readonly PolicyProblem[]]
  | readonly ['learnt', readonly NamedPath[]]
  | readonly ['violations', readonly SchemaViolation[]];

/** What the thread is started with: two Int32, see `progress.ts`. */
export interface WorkerInput {
  readonly progress: SharedArrayBuffer;
}

/** That the thread is there, with its id in the system (0: not known); then a JSON text for each request: the results of its first items, in order. */
export type Reply = { readonly ready: number } | string;
