import type { JsonValue } from '../json.js';
import type { TaskSpec } from '../tasks/task.js';
import type { Terms } from '../tasks/terms.js';
import type { PolicyTask } from './policy-input.js';

/** What a policy task is made from. */
export interface PolicyTaskFacts {
  /** Empty: it has none yet. */
  readonly taskId: string;
  readonly spec: Omit<TaskSpec, 'body'>;
  readonly terms: Terms;
  /** Ms since the epoch. */
  readonly createTime: number;
  /** Left out: nobody names it. */
  readonly input?: JsonValue | undefined;
}

/** A task as policies see it. */
export function policyTaskOf({ taskId, spec, terms, createTime, input }: PolicyTaskFacts): PolicyTask {
  const task: PolicyTask = {
    task_id: taskId,
    kind: spec.kind,
    goal: spec.goal,
    intent: spec.intent,
    submitter_subject_id: spec.submitterSubjectId,
    job_space_id: spec.jobSpaceId,
    parent_task_id: spec.parentTaskId ?? '',
    tier: spec.tier,
    source: spec.source,
    labels: spec.labels,
    urgency: terms.urgency,
    impact: terms.impact,
    priority: terms.priority,
    dependencies: spec.dependencies.length,
    create_time: createTime,
    run_at: spec.runAt,
    deadline: spec.deadline,
    capabilities: spec.requirements.capabilities,
    roles: spec.requirements.roles,
  };
  return input === undefined ? task : { ...task, input };
}
