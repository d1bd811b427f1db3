import type { JsonValue } from '../../domain/json.js';
import { wordsOf } from '../../domain/policies/answer-fields.js';
import type { Decision, PolicyFailure } from '../../domain/policies/decision.js';
import type { OnPolicyError, PolicyKind, PolicyRule } from '../../domain/policies/policy.js';
import type { PolicyInput } from '../../domain/policies/policy-input.js';
import { keptInput, keptOutput } from '../../domain/policies/trail.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { PolicyOutcome } from '../../ports/policy-engine.js';

/** What a policy was asked for a task, and said. */
export interface Answer {
  readonly kind: PolicyKind;
  /** Empty: a formula. */
  readonly policyId: string;
  /** 0: there is no such policy, or it is a formula. */
  readonly version: number;
  readonly onError: OnPolicyError;
  /** `null`: there is no such policy. */
  readonly rule: PolicyRule | null;
  readonly input: PolicyInput;
  readonly outcome: PolicyOutcome;
}

/** What an answer comes to. */
export interface Heard<T> {
  /** `null`: it is none that counts. */
  readonly value: T | null;
  /** Why not, for people: `DEADLINE: …`. */
  readonly problem: string;
  readonly onError: OnPolicyError;
  readonly decision: Decision;
}

/** @param read throws `WrongAnswer` where the policy may not answer so */
export function hear<T>(answer: Answer, read: (output: JsonValue) => T, time: number): Heard<T> {
  const { outcome, onError } = answer;
  if (!outcome.ok) return failed(answer, outcome.failure, outcome.message, time);
  try {
    const value = read(outcome.output);
    return { value, problem: '', onError, decision: decisionOf(answer, null, '', time) };
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return failed(answer, 'WRONG_RESULT', `the answer ${error.message}`, time);
  }
}

function failed<T>(answer: Answer, failure: PolicyFailure, message: string, time: number): Heard<T> {
  const problem = wordsOf(message === '' ? failure : `${failure}: ${message}`);
  const { onError } = answer;
  return { value: null, problem, onError, decision: decisionOf(answer, failure, message, time) };
}

function decisionOf(
  { kind, policyId, version, rule, input, outcome }: Answer,
  failure: PolicyFailure | null,
  message: string,
  time: number,
): Decision {
  const asked = keptInput(input, rule);
  const said = keptOutput(outcome.ok ? outcome.output : null);
  const leftOut = [asked.leftOut, said.leftOut].filter((part) => part !== '');
  const words = [message, ...leftOut.map((part) => `left out: ${part}`)].filter((part) => part !== '');
  return {
    kind,
    policyId,
    version,
    input: asked.kept,
    output: said.kept,
    failure,
    message: wordsOf(words.join('; ')),
    tookMs: outcome.tookMs,
    time,
  };
}
