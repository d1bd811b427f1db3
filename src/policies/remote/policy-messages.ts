import { fromJson, type MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  AgentType,
  type PolicyCandidateSchema,
  type PolicyContextSchema,
  type PolicyTaskSchema,
  TaskSource,
  Tier,
} from '@reeve/sdk/protocol';
import type { JsonObject } from '../../domain/json.js';
import type { PolicyCandidate, PolicyInput, PolicyTask } from '../../domain/policies/policy-input.js';
import type { PolicyCall } from '../../ports/policy-engine.js';

/** What every method of PolicyService is told. */
export function contextOf(
  { org, policyId, version }: PolicyCall['policy'],
  input: PolicyInput,
): MessageInitShape<typeof PolicyContextSchema> {
  return { org, policyId, version: BigInt(version), config: unshared(input.org), now: timestamp(input.now) };
}

export function taskOf(task: PolicyTask): MessageInitShape<typeof PolicyTaskSchema> {
  return {
    taskId: task.task_id,
    kind: task.kind,
    goal: task.goal,
    intent: task.intent,
    submitterSubjectId: task.submitter_subject_id,
    jobSpaceId: task.job_space_id,
    parentTaskId: task.parent_task_id,
    tier: Tier[task.tier as keyof typeof Tier] ?? Tier.UNSPECIFIED,
    source: TaskSource[task.source as keyof typeof TaskSource] ?? TaskSource.UNSPECIFIED,
    labels: { ...task.labels },
    ...(task.input !== undefined &&
      task.input !== null && { input: fromJson(ValueSchema, unshared(task.input)) }),
    urgency: task.urgency,
    impact: task.impact,
    priority: task.priority,
    dependencies: task.dependencies,
    createTime: timestamp(task.create_time),
    ...(task.run_at !== null && { runAt: timestamp(task.run_at) }),
    ...(task.deadline !== null && { deadline: timestamp(task.deadline) }),
    requirements: { capabilities: [...task.capabilities], roles: [...task.roles] },
  };
}

export function candidateOf(candidate: PolicyCandidate): MessageInitShape<typeof PolicyCandidateSchema> {
  const { cpu, memory, gpu } = candidate;
  return {
    agentId: candidate.agent_id,
    agentType: AgentType[candidate.agent_type as keyof typeof AgentType] ?? AgentType.UNSPECIFIED,
    capabilities: [...candidate.capabilities],
    services: [...candidate.services],
    tags: [...candidate.tags],
    region: candidate.region,
    version: candidate.version,
    healthScore: candidate.health_score,
    slots: candidate.slots,
    inFlight: candidate.in_flight,
    attempts: candidate.attempts,
    successRate: candidate.success_rate,
    meanSeconds: candidate.mean_seconds,
    load: {
      ...(cpu !== null && { cpu }),
      ...(memory !== null && { memory }),
      ...(gpu !== null && { gpu }),
    },
  };
}

function timestamp(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1_000);
  return {
    $typeName: 'google.protobuf.Timestamp',
    seconds: BigInt(seconds),
    nanos: Math.round(ms - seconds * 1_000) * 1e6,
  };
}

/** The library's JSON is the same but for `readonly`, and it changes nothing of it. */
function unshared<T>(json: T): T extends JsonObject ? { [key: string]: Json } : Json {
  return json as T extends JsonObject ? { [key: string]: Json } : Json;
}

type Json = Parameters<typeof fromJson>[1];
