import { create } from '@bufbuild/protobuf';
import {
  TaskSource,
  type WorkflowGroup,
  WorkflowGroupSchema,
  type WorkflowSpec,
  WorkflowSpecSchema,
  type WorkflowTask,
  WorkflowTaskSchema,
} from '@reeve/sdk/protocol';
import type {
  WorkflowSpec as DomainSpec,
  GroupSpec,
  TaskDefaults,
  TemplateSpec,
} from '../../domain/workflows/spec.js';
import { toProtoValue } from './config.js';
import { toProtoDefaults } from './task-defaults.js';
import { durationOf } from './time.js';

type Struct = NonNullable<WorkflowSpec['context']>;

/** A spec as answers hold it, with what holds where it did not say. */
export function toProtoWorkflowSpec(spec: DomainSpec): WorkflowSpec {
  return create(WorkflowSpecSchema, {
    name: spec.name,
    description: spec.description,
    labels: { ...spec.labels },
    groups: spec.groups.map(toProtoGroup),
    context: spec.context as Struct,
    params: spec.params as Struct,
    ...timeout(spec.timeoutMs),
    ...defaultsOf(spec.defaults),
    submitterSubjectId: spec.submitterSubjectId,
    jobSpaceId: spec.jobSpaceId,
    source: TaskSource[spec.source],
  });
}

function toProtoGroup(group: GroupSpec): WorkflowGroup {
  return create(WorkflowGroupSchema, {
    groupId: group.groupId,
    name: group.name,
    dependsOn: [...group.dependsOn],
    condition: group.condition,
    instructions: group.instructions,
    ...timeout(group.timeoutMs),
    ...defaultsOf(group.defaults),
    tasks: group.tasks.map(toProtoTemplate),
  });
}

function toProtoTemplate(task: TemplateSpec): WorkflowTask {
  return create(WorkflowTaskSchema, {
    taskId: task.taskId,
    name: task.name,
    kind: task.kind,
    ...(task.input !== null && { input: toProtoValue(task.input) }),
    instructions: task.instructions,
    messageTemplate: task.messageTemplate,
    tools: [...task.tools],
    files: [...task.files],
    resultKey: task.resultKey,
    dependsOn: [...task.dependsOn],
    condition: task.condition,
    validate: task.validate,
    ...(saysAnything(task.settings) && { settings: toProtoDefaults(task.settings) }),
    labels: { ...task.labels },
    lookups: Object.fromEntries(
      Object.entries(task.lookups ?? {}).map(([name, query]) => [name, toProtoValue(query)]),
    ),
    limitKeys: [...(task.keys?.limits ?? [])],
    fairnessKey: task.keys?.fairness ?? '',
    affinityKey: task.keys?.affinity ?? '',
  });
}

function timeout(ms: number | null) {
  return ms === null ? {} : { timeout: durationOf(ms) };
}

function defaultsOf(defaults: TaskDefaults) {
  return saysAnything(defaults) ? { defaults: toProtoDefaults(defaults) } : {};
}

function saysAnything(defaults: TaskDefaults): boolean {
  return Object.values(defaults).some((value) => value !== null);
}
