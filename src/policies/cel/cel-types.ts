import type { PolicyCandidate, PolicyTask } from '../../domain/policies/policy-input.js';
import { type CelValue, celOf } from './values.js';

export const TIMESTAMP = 'google.protobuf.Timestamp';
export const DURATION = 'google.protobuf.Duration';

/** The fields of `task`, with their types in CEL; `dyn<…>` may be null. */
export const TASK_FIELDS = {
  task_id: 'string',
  kind: 'string',
  goal: 'string',
  intent: 'string',
  submitter_subject_id: 'string',
  job_space_id: 'string',
  parent_task_id: 'string',
  tier: 'string',
  source: 'string',
  labels: 'map<string, string>',
  input: 'dyn',
  urgency: 'int',
  impact: 'int',
  priority: 'int',
  dependencies: 'int',
  create_time: TIMESTAMP,
  run_at: `dyn<${TIMESTAMP}>`,
  deadline: `dyn<${TIMESTAMP}>`,
  capabilities: 'list<string>',
  roles: 'list<string>',
} as const satisfies Readonly<Record<keyof PolicyTask, string>>;

/** The fields of each of `candidates`. */
export const CANDIDATE_FIELDS = {
  agent_id: 'string',
  agent_type: 'string',
  capabilities: 'list<string>',
  services: 'list<string>',
  tags: 'list<string>',
  region: 'string',
  version: 'string',
  health_score: 'double',
  slots: 'int',
  in_flight: 'int',
  attempts: 'int',
  success_rate: 'double',
  mean_seconds: 'double',
  cpu: 'dyn<double>',
  memory: 'dyn<double>',
  gpu: 'dyn<double>',
} as const satisfies Readonly<Record<keyof PolicyCandidate, string>>;

export const TASK_FIELD_NAMES = Object.keys(TASK_FIELDS) as readonly (keyof PolicyTask)[];
export const CANDIDATE_FIELD_NAMES = Object.keys(CANDIDATE_FIELDS) as readonly (keyof PolicyCandidate)[];

/** `task` in CEL: what was sent of it; fields that no expression of the message names are missing. */
export class CelTask {}
/** One of `candidates` in CEL. */
export class CelCandidate {}

export function celTaskOf(fields: Readonly<Record<string, unknown>>): CelTask {
  return assign(new CelTask(), fields, TASK_FIELDS);
}

export function celCandidateOf(fields: Readonly<Record<string, unknown>>): CelCandidate {
  return assign(new CelCandidate(), fields, CANDIDATE_FIELDS);
}

function assign<T extends object>(
  target: T,
  fields: Readonly<Record<string, unknown>>,
  types: Readonly<Record<string, string>>,
): T {
  const values = target as Record<string, CelValue>;
  for (const name in fields) values[name] = fieldOf(types[name], fields[name]);
  return target;
}

function fieldOf(type: string | undefined, value: unknown): CelValue {
  if (type === 'int') return BigInt(value as number);
  if (type === 'dyn' || type === TASK_FIELDS.labels) return celOf(value);
  if (type === TIMESTAMP) return new Date(value as number);
  if (type === TASK_FIELDS.run_at && value !== null) return new Date(value as number);
  return value;
}
