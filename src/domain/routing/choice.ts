import type { JsonValue } from '../json.js';
import type { PolicyFailure } from '../policies/decision.js';
import type { OnPolicyError } from '../policies/policy.js';
import { readPlan } from '../policies/read-answers.js';
import { WrongAnswer } from '../policies/wrong-answer.js';

/** Whom a plan policy chose. */
export type Choice =
  | { readonly kind: 'AGENT'; readonly agentId: string }
  | { readonly kind: 'NONE' }
  | { readonly kind: 'FAILED'; readonly failure: PolicyFailure; readonly message: string };

type Answered =
  | { readonly ok: true; readonly output: JsonValue }
  | { readonly ok: false; readonly failure: PolicyFailure; readonly message: string };

/** What an answer says; whether that agent may get the task is another question. */
export function choiceOf(answer: Answered): Choice {
  if (!answer.ok) return { kind: 'FAILED', failure: answer.failure, message: answer.message };
  try {
    const { headAgentSubjectId: agentId } = readPlan(answer.output);
    return agentId === '' ? { kind: 'NONE' } : { kind: 'AGENT', agentId };
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return { kind: 'FAILED', failure: 'WRONG_RESULT', message: `the answer ${error.message}` };
  }
}

/** What becomes of a task after a choice. */
export type AfterChoice =
  | { readonly kind: 'ADDRESS'; readonly agentId: string }
  /** Anybody eligible gets it. */
  | { readonly kind: 'SHARE' }
  /** It is asked again. */
  | { readonly kind: 'WAIT' }
  /** It is not done. */
  | { readonly kind: 'SKIP'; readonly message: string };

/** @param fallback of its route: anybody eligible gets it if nobody is chosen */
export function afterChoice(choice: Choice, onError: OnPolicyError, fallback: boolean): AfterChoice {
  if (choice.kind === 'AGENT') return { kind: 'ADDRESS', agentId: choice.agentId };
  if (choice.kind === 'FAILED' && onError === 'REJECT') return { kind: 'SKIP', message: choice.message };
  const shares = fallback || (choice.kind === 'FAILED' && onError === 'ACCEPT');
  return { kind: shares ? 'SHARE' : 'WAIT' };
}

/** The reason of the event that says what came of a choice. */
export function reasonOf(choice: Choice): string {
  if (choice.kind === 'AGENT') return 'PLANNED';
  return choice.kind === 'NONE' ? 'NO_CHOICE' : `PLAN_FAILED: ${choice.failure}`;
}
