import type { JsonValue } from '../json.js';
import type { Question } from './question.js';
import { storable } from './storable.js';

/** Characters of JSON that the trail keeps of a task's input, of parameters, and of an answer. */
export const MAX_TRAIL_CHARACTERS = 16 * 1024;

/** What the trail keeps of a question or an answer, and what it leaves out of it, in words. */
interface Kept<T> {
  readonly kept: T;
  readonly leftOut: string;
}

/** What Postgres does not take in JSON is written by `JSON.stringify` with this, among other things. */
const ESCAPED = '\\u';

/** A question as the trail keeps it: enough to ask it again, with the same answer, but for what is too large. */
export function keptQuestion(question: Question): Kept<Question> {
  const { task, org, candidates } = question;
  const isPlain =
    isKeptAsItIs(task) && isKeptAsItIs(org) && (candidates === null || isKeptAsItIs(candidates));
  return isPlain ? { kept: question, leftOut: '' } : trimmed(question);
}

function isKeptAsItIs(text: string): boolean {
  return text.length <= MAX_TRAIL_CHARACTERS && !text.includes(ESCAPED);
}

function trimmed({ task: taskText, org: orgText, candidates, now }: Question): Kept<Question> {
  const { input, ...task } = JSON.parse(taskText);
  const length = input === undefined ? 0 : JSON.stringify(input).length;
  const keptTask = length === 0 || length > MAX_TRAIL_CHARACTERS ? task : { ...task, input };
  const tooLong = orgText.length > MAX_TRAIL_CHARACTERS;
  const leftOut = [
    length > MAX_TRAIL_CHARACTERS ? `the task's input of ${length} characters` : '',
    tooLong ? `parameters of ${orgText.length} characters` : '',
  ];
  const kept: Question = {
    task: JSON.stringify(storable(keptTask)),
    org: tooLong ? '{}' : storableJson(orgText),
    candidates: candidates && storableJson(candidates),
    now,
  };
  return { kept, leftOut: leftOut.filter((part) => part !== '').join('; left out: ') };
}

function storableJson(text: string): string {
  return JSON.stringify(storable(JSON.parse(text)));
}

export function keptOutput(output: JsonValue): Kept<JsonValue> {
  if (typeof output === 'number' || typeof output === 'boolean') return { kept: output, leftOut: '' };
  const text = JSON.stringify(output);
  if (isKeptAsItIs(text)) return { kept: output, leftOut: '' };
  if (text.length > MAX_TRAIL_CHARACTERS) {
    return { kept: null, leftOut: `an answer of ${text.length} characters` };
  }
  return { kept: storable(output), leftOut: '' };
}
