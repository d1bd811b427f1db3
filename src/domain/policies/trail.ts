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

/** Of rules that were asked before: an organisation asks the same of each of its tasks. */
const lookers = new WeakMap<PolicyRule, boolean>();

function looksAtOrg(rule: PolicyRule | null): boolean {
  if (rule === null || rule.kind === 'REMOTE') return rule !== null;
  const known = lookers.get(rule);
  if (known !== undefined) return known;
  const looks = /\borg\b/.test(rule.expression);
  lookers.set(rule, looks);
  return looks;
}

/**
 * A question as the trail keeps it: enough to ask it again, with the same answer. What a rule cannot have looked
 * at is left out of it, and an input that is too large.
 *
 * @param rule `null`: there was none to look at anything
 */
export function keptInput(input: PolicyInput, rule: PolicyRule | null): Kept<PolicyInput> {
  const question = looksAtOrg(rule) ? input : withoutOrg(input);
  if (question.task.input === undefined) return { kept: question, leftOut: '' };
  const { input: payload = null, ...task } = question.task;
  if (rule?.kind === 'CEL' && !namesInput(rule.expression)) {
    return { kept: { ...question, task }, leftOut: '' };
  }
  const { length } = JSON.stringify(payload);
  if (length > MAX_TRAIL_CHARACTERS) {
    return { kept: { ...question, task }, leftOut: `the task's input of ${length} characters` };
  }
  return { kept: { ...question, task: { ...task, input: storable(payload) } }, leftOut: '' };
}

function withoutOrg({ task, candidates, now }: PolicyInput): PolicyInput {
  return candidates ? { task, candidates, org: {}, now } : { task, org: {}, now };
}

export function keptOutput(output: JsonValue): Kept<JsonValue> {
  const { length } = JSON.stringify(output);
  if (length > MAX_TRAIL_CHARACTERS) return { kept: null, leftOut: `an answer of ${length} characters` };
  return { kept: storable(output), leftOut: '' };
}
