import type { JsonObject, JsonValue } from '../domain/json.js';
import type { PolicyFailure } from '../domain/policies/decision.js';
import type { PolicyProblem } from './policy-engine.js';

/** A path that an expression names, from its root on: `context.users` is `['context', 'users']`. */
export type NamedPath = readonly string[];

/** What the message of a problem begins with where a variable is not there; its name follows. */
export const UNKNOWN_VARIABLE = 'unknown variable ';

/** What is known of an expression, or why it cannot be evaluated. */
export type Checked =
  | { readonly ok: true; readonly names: readonly NamedPath[] }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** An expression, and the values of its variables, each by name. */
export interface Evaluation {
  /** CEL. Its variables are the keys of `shared` and of each of `own`; all are `dyn`. `now`, in ms, is a timestamp. */
  readonly expression: string;
  /** The same for all of them; one object for several evaluations crosses once. */
  readonly shared: JsonObject;
  /** Of each; one outcome each. */
  readonly own: readonly JsonObject[];
}

/** MISSING: something that it names is not there: a variable, a key, an element. */
export type ExpressionOutcome =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly failure: PolicyFailure; readonly message: string };

/**
 * Evaluates the CEL of workflows, as `PolicyEngine` does that of policies: on another thread, with a deadline. Of the
 * values only what expressions name crosses to it.
 */
export interface ExpressionEngine {
  /** @param variables those that there are; another one is a problem */
  check(expressions: readonly string[], variables: readonly string[]): Promise<readonly Checked[]>;
  /**
   * All in one message, one list of outcomes each; never rejects but with UNAVAILABLE, when it is stopped, or when these
   * could not be asked now and are to be asked again.
   */
  evaluate(
    org: string,
    evaluations: readonly Evaluation[],
  ): Promise<readonly (readonly ExpressionOutcome[])[]>;
}

/** Where there are no workflows. */
export const NO_EXPRESSION_ENGINE: ExpressionEngine = {
  check: async (expressions) => expressions.map(() => ({ ok: true, names: [] })),
  evaluate: async (_org, evaluations) =>
    evaluations.map(({ own }) =>
      own.map(() => ({ ok: false, failure: 'UNAVAILABLE', message: 'there is no engine' })),
    ),
};
