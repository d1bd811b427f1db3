import type { JsonObject, JsonValue } from '../json.js';
import { booleanIn, isObject, objectOf, shown, textIn, typeName, wordsOf } from './answer-fields.js';
import type { ApprovalAnswer, PlanAnswer, PriorityAnswer } from './answers.js';
import { durationMs } from './json-duration.js';
import { WrongAnswer } from './wrong-answer.js';

/** Readers of what policies answer, local or remote, as JSON; all throw `WrongAnswer`. */

export const MAX_PRIORITY = 1_000;
export const MAX_HEAD_START_MS = 48 * 3_600_000;
/** How long a person may be given. */
export const MAX_DUE_MS = 366 * 24 * 3_600_000;

/** `true`, `false`, or `{accepted, reason, needs_human, due}`, `due` being a duration such as `3600s`. */
export function readApproval(output: JsonValue): ApprovalAnswer {
  if (typeof output === 'boolean') return { verdict: output ? 'ACCEPTED' : 'REJECTED', reason: '' };
  const fields = objectOf(output, 'a bool or a map', ['accepted', 'reason', 'needs_human', 'due']);
  const reason = textIn(fields, 'reason');
  const due = fields.due ?? null;
  const dueMs = due === null ? null : durationMs(due, 'due', { least: 1, most: MAX_DUE_MS });
  if (booleanIn(fields, 'needs_human')) return { verdict: 'NEEDS_HUMAN', reason, dueMs };
  if (fields.accepted === undefined) throw new WrongAnswer('lacks the field accepted');
  return { verdict: booleanIn(fields, 'accepted') ? 'ACCEPTED' : 'REJECTED', reason };
}

/** An int from 0 to 1000, or `{priority}`. */
export function readPriority(output: JsonValue): PriorityAnswer {
  const value = isObject(output) ? (objectOf(output, 'a map', ['priority']).priority ?? null) : output;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new WrongAnswer(`must be an int from 0 to ${MAX_PRIORITY}, not ${typeName(value)}`);
  }
  if (value >= 0 && value <= MAX_PRIORITY) return { priority: value };
  throw new WrongAnswer(`must be an int from 0 to ${MAX_PRIORITY}, not ${shown(value)}`);
}

/** An agent's id, or `{head_agent_subject_id, reason}`; empty: no choice. */
export function readPlan(output: JsonValue): PlanAnswer {
  if (typeof output === 'string') return { headAgentSubjectId: idOf(output), reason: '' };
  const fields = objectOf(output, "an agent's id or a map", ['head_agent_subject_id', 'reason']);
  if (fields.head_agent_subject_id === undefined) {
    throw new WrongAnswer('lacks the field head_agent_subject_id');
  }
  const id = fields.head_agent_subject_id ?? '';
  if (typeof id !== 'string') {
    throw new WrongAnswer(`head_agent_subject_id must be a string, not ${typeName(id)}`);
  }
  return { headAgentSubjectId: idOf(id), reason: textIn(fields, 'reason') };
}

/** The parameters of an auction. */
export function readAuctionInput(output: JsonValue): JsonObject {
  if (isObject(output)) return output;
  throw new WrongAnswer(`must be a map, not ${typeName(output)}`);
}

/** A duration from 0 s to 48 h, such as `21600s`. @returns ms */
export function readHeadStart(output: JsonValue): number {
  return durationMs(output, 'the head start', { least: 0, most: MAX_HEAD_START_MS });
}

/** `true` or an empty string: nothing is wrong. @returns what is wrong, in words; empty: nothing */
export function readValidation(output: JsonValue): string {
  if (output === true) return '';
  if (output === false) return 'validate answers false';
  if (typeof output === 'string') return wordsOf(output);
  throw new WrongAnswer(`must be a bool or a string, not ${typeName(output)}`);
}

function idOf(text: string): string {
  if (text.length <= 200) return text;
  throw new WrongAnswer(`names an agent with an id of ${text.length} characters; at most 200`);
}
