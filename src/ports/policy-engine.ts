import type { JsonObject, JsonValue } from '../domain/json.js';
import type { PolicyFailure } from '../domain/policies/decision.js';
import type { Policy, PolicyKind } from '../domain/policies/policy.js';
import type { PolicyInput } from '../domain/policies/policy-input.js';
import type { Question } from '../domain/policies/question.js';

/** A policy, and what it is asked. */
export interface PolicyCall {
  readonly policy: Pick<Policy, 'org' | 'policyId' | 'version' | 'kind' | 'rule' | 'deadlineMs'>;
  readonly inputs: readonly PolicyInput[];
}

/** An answer as JSON, of the shape that its kind takes (see `domain/policies/answers.ts`), or why there is none. */
export type PolicyOutcome = (
  | { readonly ok: true; readonly output: JsonValue }
  | { readonly ok: false; readonly failure: PolicyFailure; readonly message: string }
) & {
  readonly tookMs: number;
  /** What it was told. Left out: it did not come to that. */
  readonly question?: Question | undefined;
};

/** Where an engine answers fewer than it was asked. */
export const UNANSWERED: PolicyOutcome = {
  ok: false,
  failure: 'ERROR',
  message: 'there was no answer',
  tookMs: 0,
};

/** Where a rule is wrong. */
export interface PolicyProblem {
  /** From 1; 0: of the whole. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A step of an evaluation; `error` is set if it failed. */
export interface TraceStep {
  readonly expression: string;
  readonly value: JsonValue;
  readonly error: string;
}

/** What expressions are for: policies, the formula `weighted`, and `validate` of a kind of job. */
export type ExpressionUse = PolicyKind | 'HEAD_START' | 'VALIDATE';

/** An expression that stands in a parameter or a kind of job, and what it is asked. */
export interface ExpressionCall {
  readonly use: 'HEAD_START' | 'VALIDATE';
  readonly expression: string;
  readonly inputs: readonly PolicyInput[];
}

/** Inputs of jobs and the schema they have to meet. */
export interface SchemaCall {
  readonly org: string;
  readonly kind: string;
  /** Of the kind of job: another version is another schema. */
  readonly version: number;
  readonly schema: JsonObject;
  readonly inputs: readonly JsonValue[];
}

/** What is wrong with an input: a path within it, such as `/pages/0`, and words. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
}

/**
 * Evaluates what organisations have written: never on the event loop, never longer than it may take. One
 * outcome an input, in order. It rejects only with UNAVAILABLE, and only if it is stopped meanwhile.
 */
export interface PolicyEngine {
  /** All calls of a batch go together. */
  decide(calls: readonly PolicyCall[]): Promise<readonly (readonly PolicyOutcome[])[]>;
  evaluate(calls: readonly ExpressionCall[]): Promise<readonly (readonly PolicyOutcome[])[]>;
  /** What is wrong with each input: nothing, violations, or that it could not be found out in time. */
  validate(
    calls: readonly SchemaCall[],
  ): Promise<readonly (readonly (readonly SchemaViolation[] | { readonly failure: PolicyFailure })[])[]>;
  /** Compiles and type-checks an expression; empty: it may be stored. */
  checkExpression(use: ExpressionUse, expression: string): Promise<readonly PolicyProblem[]>;
  /** Whether a schema can be compiled; empty: it may be stored. */
  checkSchema(schema: JsonObject): Promise<readonly PolicyProblem[]>;
  /** Why a remote rule may not use this `host:port`, as far as that shows now; `null`: it may. */
  objectionTo(address: string, plaintext: boolean): Promise<string | null>;
  /** One evaluation with what its parts came to; remote policies have none. */
  trace(
    policy: PolicyCall['policy'],
    input: PolicyInput,
  ): Promise<{ readonly outcome: PolicyOutcome; readonly trace: readonly TraceStep[] }>;
  /** Ends its threads and connections. */
  stop(): Promise<void>;
}

/** Where nobody has written anything. */
export const NO_POLICY_ENGINE: PolicyEngine = {
  decide: async (calls) => calls.map(({ inputs }) => inputs.map(() => missing())),
  evaluate: async (calls) => calls.map(({ inputs }) => inputs.map(() => missing())),
  validate: async (calls) => calls.map(({ inputs }) => inputs.map(() => [])),
  checkExpression: async () => [],
  checkSchema: async () => [],
  objectionTo: async () => null,
  trace: async () => ({ outcome: missing(), trace: [] }),
  stop: async () => undefined,
};

function missing(): PolicyOutcome {
  return { ok: false, failure: 'MISSING', message: 'there is no engine', tookMs: 0 };
}
