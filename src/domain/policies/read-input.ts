import type { FieldViolation } from '../errors.js';
import type { JsonObject, JsonValue } from '../json.js';
import { nearest } from '../nearest.js';
import { isObject, typeName } from './answer-fields.js';
import type { PolicyCandidate, PolicyInput, PolicyTask } from './policy-input.js';

type Check = (value: JsonValue) => string;

const text: Check = (value) => (typeof value === 'string' ? '' : `must be a string, not ${typeName(value)}`);
const number: Check = (value) =>
  typeof value === 'number' ? '' : `must be a number, not ${typeName(value)}`;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? '' : check(value);
const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? '' : 'must be a list of strings';
const labels: Check = (value) =>
  isObject(value) && Object.values(value).every((each) => typeof each === 'string')
    ? ''
    : 'must be a map of strings';

/** What each field has to be, and what it is if it is left out. */
type Fields<T> = Readonly<Record<keyof T & string, readonly [Check, JsonValue]>>;

const TASK: Fields<Omit<PolicyTask, 'input'>> = {
  task_id: [text, ''],
  kind: [text, ''],
  goal: [text, ''],
  intent: [text, ''],
  submitter_subject_id: [text, ''],
  job_space_id: [text, ''],
  parent_task_id: [text, ''],
  tier: [text, 'NORMAL'],
  source: [text, 'AUTOMATED'],
  labels: [labels, {}],
  urgency: [number, 0],
  impact: [number, 0],
  priority: [number, 0],
  dependencies: [number, 0],
  create_time: [number, 0],
  run_at: [orNull(number), null],
  deadline: [orNull(number), null],
  capabilities: [texts, []],
  roles: [texts, []],
};

const CANDIDATE: Fields<PolicyCandidate> = {
  agent_id: [text, ''],
  agent_type: [text, 'GENERAL'],
  capabilities: [texts, []],
  services: [texts, []],
  tags: [texts, []],
  region: [text, ''],
  version: [text, ''],
  health_score: [number, 1],
  slots: [number, 1],
  in_flight: [number, 0],
  attempts: [number, 0],
  success_rate: [number, 1],
  mean_seconds: [number, 0],
  cpu: [orNull(number), null],
  memory: [orNull(number), null],
  gpu: [orNull(number), null],
};

const INPUT = ['task', 'candidates', 'org', 'now'];

/**
 * An input as a decision has recorded it, or as somebody wrote it: what is left out is as usual, and `now`,
 * too, is the given time.
 *
 * @param path where it stands, for what is wrong with it
 */
export function readPolicyInput(
  json: JsonObject,
  now: number,
  path: string,
): PolicyInput | readonly FieldViolation[] {
  const violations: FieldViolation[] = [];
  const object = (value: JsonValue | undefined, at: string): JsonObject => {
    if (value === undefined || isObject(value)) return value ?? {};
    violations.push({ field: at, description: `must be a map, not ${typeName(value)}` });
    return {};
  };
  const known = (fields: JsonObject, names: readonly string[], at: string) => {
    for (const name of Object.keys(fields)) {
      if (names.includes(name)) continue;
      const meant = nearest(name, names);
      const description = `is not a field of it${meant ? `, did you mean ${meant}?` : ''}`;
      violations.push({ field: `${at}.${name}`, description });
    }
  };
  const filled = <T>(fields: JsonObject, shape: Fields<T>, at: string): T => {
    const entries = Object.entries<readonly [Check, JsonValue]>(shape);
    const all = entries.map(([name, [check, usual]]): [string, JsonValue] => {
      const value = fields[name];
      const wrong = value === undefined ? '' : check(value);
      if (wrong !== '') violations.push({ field: `${at}.${name}`, description: wrong });
      return [name, value === undefined ? usual : value];
    });
    return Object.fromEntries(all) as T;
  };

  known(json, INPUT, path);
  const given = object(json.task, `${path}.task`);
  known(given, [...Object.keys(TASK), 'input'], `${path}.task`);
  const task = filled({ create_time: now, ...given }, TASK, `${path}.task`);
  const listed = json.candidates;
  if (listed !== undefined && !Array.isArray(listed)) {
    violations.push({ field: `${path}.candidates`, description: 'must be a list' });
  }
  const candidates = Array.isArray(listed)
    ? listed.map((each: JsonValue, i) => {
        const at = `${path}.candidates[${i}]`;
        const fields = object(each, at);
        known(fields, Object.keys(CANDIDATE), at);
        return filled(fields, CANDIDATE, at);
      })
    : undefined;
  const time = json.now ?? now;
  if (typeof time !== 'number') violations.push({ field: `${path}.now`, description: number(time) });
  const org = object(json.org, `${path}.org`);
  if (violations.length > 0) return violations;
  return {
    task: { ...task, ...(given.input !== undefined && { input: given.input }) },
    ...(candidates && { candidates }),
    org,
    now: Number(time),
  };
}
