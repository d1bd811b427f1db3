import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { TaskSource, type TaskSpec, TaskSpecSchema } from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import type { DraftItem, TaskDraft } from '../../domain/workflows/task-draft.js';
import type { SpecWriter } from '../../usecases/ports.js';
import type { Checker } from '../constraints/checker.js';
import { toProtoDefaults } from './task-defaults.js';
import { type SpecRules, toDomainSpec } from './task-spec.js';
import { timestampOf } from './time.js';
import { toProtoPlaceInWorkflow } from './workflow-place.js';

/** Where it is in errors. */
const PATH = 'task';
/** What a workflow may say was looked at when it was started. */
const ROLES = ['tasks.submit_human'] as const;

/** Tasks of workflows, held to what holds of submissions. */
export function createSpecWriter(checker: Pick<Checker, 'check'>, rules: SpecRules): SpecWriter {
  return {
    write(draft) {
      const message = messageOf(draft);
      const violations = checker.check(TaskSpecSchema, message, PATH);
      if (violations.length > 0) throw invalidArgument(violations);
      const principal = { org: draft.org, subject: draft.submitterSubjectId, roles: ROLES };
      const { spec, terms } = toDomainSpec(message, principal, rules, PATH);
      return { spec, terms };
    },
  };
}

function messageOf(draft: TaskDraft): TaskSpec {
  const { tier, requirements, retry, attemptTimeout, policies, routing } = toProtoDefaults(draft.settings);
  const { name, instructions, message, input, deadline, item } = draft;
  return create(TaskSpecSchema, {
    kind: draft.kind,
    tier,
    source: TaskSource[draft.source],
    labels: { ...draft.labels },
    submitterSubjectId: draft.submitterSubjectId,
    jobSpaceId: draft.jobSpaceId,
    ...(input !== null && {
      input: { content: { case: 'data', value: Buffer.from(JSON.stringify(input)) } },
    }),
    ...(requirements && { requirements }),
    ...(retry && { retry }),
    ...(attemptTimeout && { attemptTimeout }),
    ...(policies && { policies }),
    ...(routing && { routing }),
    ...(deadline !== null && { deadline: timestampOf(deadline) }),
    brief: { name, instructions, message, tools: [...draft.tools], files: [...draft.files] },
    ...(item && { item: itemOf(item) }),
    workflow: toProtoPlaceInWorkflow(draft.workflow),
  });
}

function itemOf({ sequenceNum, identifier, data, baseTaskId, totalCount }: DraftItem) {
  const itemData = fromJson(ValueSchema, data as JsonValue);
  return { sequenceNum, identifier, itemData, baseTaskId, totalCount };
}
