import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  Policy as PolicyMessage,
  TestPolicyRequest,
  TestPolicyResponseSchema,
} from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import { invalidArgument, taskNotFound } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/json.js';
import type { Decision } from '../../domain/policies/decision.js';
import { effectOf } from '../../domain/policies/effect.js';
import type { Policy } from '../../domain/policies/policy.js';
import { policyCandidateOf } from '../../domain/policies/policy-candidate.js';
import type { PolicyInput } from '../../domain/policies/policy-input.js';
import { policyTaskOf } from '../../domain/policies/policy-task.js';
import { readPolicyInput } from '../../domain/policies/read-input.js';
import type { TaskSpec } from '../../domain/tasks/task.js';
import type { Terms } from '../../domain/tasks/terms.js';
import { requireStorablePolicy } from '../../usecases/config/require-storable-policy.js';
import { eligibleCandidates } from '../../usecases/eligible-candidates.js';
import { jsonValueOf, toProtoDecision } from '../mapping/decision.js';
import { toDomainPolicy } from '../mapping/policy.js';
import { toDomainCandidate } from '../mapping/policy-candidate.js';
import { toSubmittedSpec } from '../mapping/task-spec.js';
import type { Context } from './context.js';

type Stored = (org: string, policyId: string, version: number) => Promise<Policy>;
type Tried = Pick<Policy, 'org' | 'policyId' | 'version' | 'kind' | 'rule' | 'deadlineMs' | 'onError'>;

/** What a policy would say, without anything coming of it. */
export async function tryPolicy(
  context: Context,
  stored: Stored,
  principal: Principal,
  request: TestPolicyRequest,
): Promise<MessageInitShape<typeof TestPolicyResponseSchema>> {
  const { policies, clock } = context.ports;
  const policy = await policyOf(context, stored, principal, request);
  const input = await inputOf(context, principal, policy, request);
  const { outcome, trace } = await policies.trace(policy, input);
  const decision: Decision = {
    kind: policy.kind,
    policyId: policy.policyId,
    version: policy.version,
    input,
    output: outcome.ok ? outcome.output : null,
    failure: outcome.ok ? null : outcome.failure,
    message: outcome.ok ? '' : outcome.message,
    tookMs: outcome.tookMs,
    time: clock.now(),
  };
  return {
    decision: toProtoDecision(decision),
    effect: effectOf(decision, policy.onError),
    trace: trace.map(({ expression, value, error }) => ({
      expression,
      ...(error === '' && { value: jsonValueOf(value) }),
      error,
    })),
  };
}

/** One that is not stored has no version. */
async function policyOf(
  { ports }: Context,
  stored: Stored,
  principal: Principal,
  { subject, version }: TestPolicyRequest,
): Promise<Tried> {
  if (subject.case === 'policyId') return stored(principal.org, subject.value, Number(version));
  const given = toDomainPolicy(principal, subject.value as PolicyMessage, 'policy');
  await requireStorablePolicy(ports.policies, given, 'policy');
  return { ...given, version: 0 };
}

async function inputOf(
  context: Context,
  principal: Principal,
  { kind }: Tried,
  { sample, candidates }: TestPolicyRequest,
): Promise<PolicyInput> {
  const { clock } = context.ports;
  const now = clock.now();
  if (kind !== 'PLAN_RETRIEVE' && candidates.length > 0) {
    throw invalidArgument([{ field: 'candidates', description: 'are only for plan-and-retrieve' }]);
  }
  const given = candidates.length > 0 ? { candidates: candidates.map(toDomainCandidate) } : {};
  if (sample.case === 'input') {
    const read = readPolicyInput(sample.value as JsonObject, now, 'input');
    if ('task' in read) return { ...read, ...given };
    throw invalidArgument(read);
  }
  const { org } = principal;
  const { taskId, spec, terms, createTime } = await sampleOf(context, principal, sample, now);
  const { config } = await context.ports.orgRules.of(org);
  const input = context.ports.specs.inputOf(spec.body);
  const task = policyTaskOf({ taskId, spec, terms, createTime, input });
  if (kind !== 'PLAN_RETRIEVE' || given.candidates) return { task, ...given, org: config.values, now };
  const query = { org, kind: spec.kind, requirements: spec.requirements, max: config.planMaxCandidates };
  const { agents } = await eligibleCandidates(context.ports, query);
  return { task, candidates: agents.map(policyCandidateOf), org: config.values, now };
}

interface Sample {
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly terms: Terms;
  readonly createTime: number;
}

async function sampleOf(
  { ports }: Context,
  principal: Principal,
  sample: TestPolicyRequest['sample'],
  now: number,
): Promise<Sample> {
  switch (sample.case) {
    case 'taskId': {
      const taskId = sample.value.toLowerCase();
      const [task] = await ports.record.getTasks(principal.org, [taskId], 'FULL');
      if (!task) throw taskNotFound(taskId);
      const { spec, createTime } = task;
      return { taskId, spec, terms: ports.specs.termsOf(spec.body), createTime };
    }
    case 'task': {
      const { spec, terms } = toSubmittedSpec(sample.value, principal, ports.rules, 'task');
      return { taskId: '', spec, terms, createTime: now };
    }
    default: {
      const description = 'or task or input must be set: what the policy is to be tried on';
      throw invalidArgument([{ field: 'task_id', description }]);
    }
  }
}
