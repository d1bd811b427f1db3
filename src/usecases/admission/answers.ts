import type { JsonValue } from '../../domain/json.js';
import { wordsOf } from '../../domain/policies/answer-fields.js';
import type { Decider, NewDecision, PolicyFailure } from '../../domain/policies/decision.js';
import type { OnPolicyError } from '../../domain/policies/policy.js';
import type { PolicyInput } from '../../domain/policies/policy-input.js';
import { untold } from '../../domain/policies/question.js';
import { keptOutput, keptQuestion } from '../../domain/policies/trail.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { PolicyOutcome } from '../../ports/policy-engine.js';

/** Who is asked. Version 0: there is no such policy, or it is a formula. */
export interface Asked extends Decider {
  readonly onError: OnPolicyError;
}

/** What a policy was asked for a task, and said. */
export interface Answer {
  readonly by: Asked;
  readonly input: PolicyInput;
  readonly outcome: PolicyOutcome;
}

/** What an answer comes to. */
export interface Heard<T> {
  /** `null`: it is none that counts. */
  readonly value: T | null;
  /** Why not, for people: `DEADLINE: …`. */
  readonly problem: string;
  readonly decision: NewDecision;
}

/** @param read throws `WrongAnswer` where the policy may not answer so */
export function hear<T>(answer: Answer, read: (output: JsonValue) => T): Heard<T> {
  const { outcome } = answer;
  if (!outcome.ok) return failed(answer, outcome.failure, outcome.message);
  try {
    return { value: read(outcome.output), problem: '', decision: decisionOf(answer, null, '') };
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return failed(answer, 'WRONG_RESULT', `the answer ${error.message}`);
  }
}

function failed<T>(answer: Answer, failure: PolicyFailure, message: string): Heard<T> {
  const problem = wordsOf(message === '' ? failure : `${failure}: ${message}`);
  return { value: null, problem, decision: decisionOf(answer, failure, message) };
}

function decisionOf(
  { by, input, outcome }: Answer,
  failure: PolicyFailure | null,
  message: string,
): NewDecision {
  const { tookMs } = outcome;
  const asked = keptQuestion(outcome.question ?? untold(input));
  const said = keptOutput(outcome.ok ? outcome.output : null);
  const question = asked.kept;
  const output = said.kept;
  if (message === '' && asked.leftOut === '' && said.leftOut === '') {
    return { by, question, output, failure, message, tookMs };
  }
  const leftOut = [asked.leftOut, said.leftOut].filter((part) => part !== '');
  const words = [message, ...leftOut.map((part) => `left out: ${part}`)].filter((part) => part !== '');
  return { by, question, output, failure, message: wordsOf(words.join('; ')), tookMs };
}
