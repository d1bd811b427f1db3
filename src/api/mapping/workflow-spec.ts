import { TaskSource, type WorkflowGroup, type WorkflowSpec, type WorkflowTask } from '@reeve/sdk/protocol';
import { maySubmitHuman, type Principal } from '../../domain/access/principal.js';
import { type FieldViolation, invalidArgument, ReeveError } from '../../domain/errors.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { sizeProblem } from '../../domain/json-size.js';
import type { RetryPolicy } from '../../domain/tasks/retry.js';
import { LOOKUP_SIZE } from '../../domain/workflows/lookups.js';
import type {
  WorkflowSpec as DomainSpec,
  GroupSpec,
  TaskDefaults,
  TemplateSpec,
} from '../../domain/workflows/spec.js';
import { toDomainValue } from './config.js';
import { nameOf } from './enum-names.js';
import { sortedLabels } from './lists.js';
import { toDomainDefaults } from './task-defaults.js';
import { NOT_HUMAN_NOTE } from './task-spec.js';
import { msOf } from './time.js';

/** Bytes of a spec as JSON, and how deep a value in it may be. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 64;
const SIZE: Parameters<typeof sizeProblem>[1] = { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH };
/** Wrong values that are told of. */
const MAX_VIOLATIONS = 20;

export interface MappedWorkflow {
  readonly spec: DomainSpec;
  /** What was changed of the request, for people. */
  readonly notes: readonly string[];
}

/**
 * A spec that has passed its constraints, in the core's terms; equal ones have equal forms, whatever the order of
 * their maps.
 *
 * @param retry what holds of a retry policy that does not say
 * @param path where the spec is in the request, for errors
 * @throws INVALID_ARGUMENT for values that are too large or too deep, and for what is in no order
 */
export function toDomainWorkflowSpec(
  spec: WorkflowSpec,
  principal: Principal,
  retry: RetryPolicy,
  path: string,
): MappedWorkflow {
  const violations: FieldViolation[] = [];
  const sized = (value: JsonValue, field: string, size = SIZE): JsonValue => {
    const problem = violations.length < MAX_VIOLATIONS ? sizeProblem(value, size) : null;
    if (problem !== null) violations.push({ field, description: problem });
    return value;
  };

  function toTask(task: WorkflowTask, at: string): TemplateSpec {
    return {
      taskId: task.taskId,
      name: task.name,
      kind: task.kind,
      input: sized(toDomainValue(task.input), `${at}.input`),
      instructions: task.instructions,
      messageTemplate: task.messageTemplate,
      tools: task.tools,
      files: task.files,
      resultKey: task.resultKey,
      dependsOn: task.dependsOn,
      condition: task.condition,
      validate: task.validate,
      settings: toDomainDefaults(task.settings, retry, `${at}.settings`),
      labels: sortedLabels(task.labels),
      ...toLookups(task, `${at}.lookups`),
      ...toKeys(task),
    };
  }

  function toLookups({ lookups }: WorkflowTask, at: string): Pick<TemplateSpec, 'lookups'> {
    const names = Object.keys(lookups).sort();
    if (names.length === 0) return {};
    const queryOf = (name: string) => sized(toDomainValue(lookups[name]), `${at}.${name}`, LOOKUP_SIZE);
    return { lookups: Object.fromEntries(names.map((name) => [name, queryOf(name)])) };
  }

  function toGroup(group: WorkflowGroup, at: string): GroupSpec {
    return {
      groupId: group.groupId,
      name: group.name,
      dependsOn: group.dependsOn,
      condition: group.condition,
      instructions: group.instructions,
      timeoutMs: msOf(group.timeout),
      defaults: toDomainDefaults(group.defaults, retry, `${at}.defaults`),
      tasks: group.tasks.map((task, i) => toTask(task, `${at}.tasks[${i}]`)),
    };
  }

  const made: DomainSpec = {
    name: spec.name,
    description: spec.description,
    labels: sortedLabels(spec.labels),
    groups: spec.groups.map((group, i) => toGroup(group, `${path}.groups[${i}]`)),
    // Plain JSON already, as messages hold a Struct.
    context: sized((spec.context ?? {}) as JsonObject, `${path}.context`) as JsonObject,
    params: sized((spec.params ?? {}) as JsonObject, `${path}.params`) as JsonObject,
    timeoutMs: msOf(spec.timeout),
    defaults: toDomainDefaults(spec.defaults, retry, `${path}.defaults`),
    submitterSubjectId: spec.submitterSubjectId || principal.subject,
    jobSpaceId: spec.jobSpaceId,
    source: nameOf(TaskSource, spec.source) ?? 'AUTOMATED',
  };
  if (violations.length > 0) throw invalidArgument(violations);
  const size = Buffer.byteLength(JSON.stringify(made));
  if (size > MAX_BYTES) throw specTooLarge(path, size);
  return maySubmitHuman(principal) ? { spec: made, notes: [] } : asAnybody(made);
}

function specTooLarge(path: string, size: number): ReeveError {
  const description = `has ${size} bytes as JSON; at most ${MAX_BYTES} are allowed`;
  return new ReeveError('INVALID_ARGUMENT', 'SPEC_TOO_LARGE', `${path}: ${description}`, {
    violations: [{ field: path, description }],
    metadata: { max_spec_bytes: String(MAX_BYTES) },
  });
}

function toKeys({ limitKeys, fairnessKey, affinityKey }: WorkflowTask): Pick<TemplateSpec, 'keys'> {
  if (limitKeys.length === 0 && fairnessKey === '' && affinityKey === '') return {};
  return { keys: { limits: limitKeys, fairness: fairnessKey, affinity: affinityKey } };
}

/** Without what needs the permission to speak for a person. */
function asAnybody(spec: DomainSpec): MappedWorkflow {
  let changed = spec.source === 'HUMAN';
  const plain = (defaults: TaskDefaults): TaskDefaults => {
    if (defaults.tier !== 'CRITICAL') return defaults;
    changed = true;
    return { ...defaults, tier: 'NORMAL' };
  };
  const made: DomainSpec = {
    ...spec,
    source: spec.source === 'HUMAN' ? 'AUTOMATED' : spec.source,
    defaults: plain(spec.defaults),
    groups: spec.groups.map((group) => ({
      ...group,
      defaults: plain(group.defaults),
      tasks: group.tasks.map((task) => ({ ...task, settings: plain(task.settings) })),
    })),
  };
  return changed ? { spec: made, notes: [NOT_HUMAN_NOTE] } : { spec, notes: [] };
}
