import type { Decision } from '../../domain/policies/decision.js';
import type { PolicyInput, PolicyTask } from '../../domain/policies/policy-input.js';

/** What most tasks leave as it is; it is not written. */
const DEFAULTS: Partial<PolicyTask> = {
  goal: '',
  intent: '',
  job_space_id: '',
  parent_task_id: '',
  urgency: 0,
  impact: 0,
  priority: 0,
  dependencies: 0,
  run_at: null,
  deadline: null,
};

/** Decisions as they are stored; `task` is left out where it is that of the decision before. */
type StoredInput = Omit<PolicyInput, 'task'> & { readonly task?: Partial<PolicyTask> };
type StoredDecision = Omit<Decision, 'input'> & { readonly input: StoredInput };

/**
 * What policies said of a submission, as JSON; `null`: nothing. Both policies of a task look at the same task,
 * which is most of what there is to write: once, and without what it leaves as it is, that is 590 bytes, not 1,090.
 */
export function encodeDecisions(decisions: readonly Decision[] | undefined): string | null {
  if (!decisions || decisions.length === 0) return null;
  let before: PolicyTask | null = null;
  const stored = decisions.map((decision): StoredDecision => {
    const { kind, policyId, version, output, failure, message, tookMs, time, input } = decision;
    const { task, ...rest } = input;
    const isSame = task === before;
    before = task;
    const asked: StoredInput = isSame ? rest : { ...rest, task: withoutDefaults(task) };
    return { kind, policyId, version, output, failure, message, tookMs, time, input: asked };
  });
  return JSON.stringify(stored);
}

/** Undoes it, in the detail of an event; what was written in full stays it. */
export function decodeDecisions(stored: readonly StoredDecision[]): readonly Decision[] {
  let task = {} as PolicyTask;
  return stored.map((decision): Decision => {
    if (decision.input.task) task = { ...DEFAULTS, ...decision.input.task } as PolicyTask;
    return { ...decision, input: { ...decision.input, task } };
  });
}

function withoutDefaults(task: PolicyTask): Partial<PolicyTask> {
  const kept: Record<string, unknown> = {};
  for (const key in task) {
    const value = task[key as keyof PolicyTask];
    if (value !== DEFAULTS[key as keyof PolicyTask]) kept[key] = value;
  }
  return kept as Partial<PolicyTask>;
}
