import type { JsonValue } from '../json.js';
import type { PolicyRule } from './policy.js';
import { namesInput, type PolicyInput } from './policy-input.js';
import { storable } from './storable.js';

/** Characters of JSON that the trail keeps of a task's input, and of an answer. */
export const MAX_TRAIL_CHARACTERS = 16 * 1024;

/** What the trail keeps of a question or an answer, and what it leaves out of it, in words. */
interface Kept<T> {
  readonly kept: T;
  readonly leftOut: string;
}

/**
 * A question as the trail keeps it: enough to ask it again, with the same answer. What a rule cannot have looked
 * at is left out of it, and an input that is too large.
 *
 * @param rule `null`: there was none to look at anything
 */
export function keptInput(input: PolicyInput, rule: PolicyRule | null): Kept<PolicyInput> {
  const looksAtOrg = rule?.kind === 'REMOTE' || (rule !== null && /\borg\b/.test(rule.expression));
  const question = looksAtOrg ? input : { ...input, org: {} };
  const { input: payload, ...task } = question.task;
  if (payload === undefined) return { kept: question, leftOut: '' };
  if (rule?.kind === 'CEL' && !namesInput(rule.expression)) {
    return { kept: { ...question, task }, leftOut: '' };
  }
  const { length } = JSON.stringify(payload);
  if (length > MAX_TRAIL_CHARACTERS) {
    return { kept: { ...question, task }, leftOut: `the task's input of ${length} characters` };
  }
  return { kept: { ...question, task: { ...task, input: storable(payload) } }, leftOut: '' };
}

export function keptOutput(output: JsonValue): Kept<JsonValue> {
  const { length } = JSON.stringify(output);
  if (length > MAX_TRAIL_CHARACTERS) return { kept: null, leftOut: `an answer of ${length} characters` };
  return { kept: storable(output), leftOut: '' };
}
