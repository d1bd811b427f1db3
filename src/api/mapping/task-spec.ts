import { create } from '@bufbuild/protobuf';
import {
  DependencySchema,
  type Payload,
  TaskSource,
  type TaskSpec,
  TaskSpecSchema,
  Tier,
} from '@reeve/sdk/protocol';
import { maySubmitHuman, type Principal } from '../../domain/access/principal.js';
import { invalidArgument } from '../../domain/errors.js';
import type { RetryPolicy as DomainRetry } from '../../domain/tasks/retry.js';
import type { TaskSource as DomainSource } from '../../domain/tasks/source.js';
import type {
  Dependency,
  Payload as DomainPayload,
  TaskSpec as DomainSpec,
} from '../../domain/tasks/task.js';
import type { Terms } from '../../domain/tasks/terms.js';
import type { Tier as DomainTier } from '../../domain/tasks/tier.js';
import { encode } from '../wire/encode.js';
import { sortedLabels } from './lists.js';
import { jsonTextOf, payloadTooLarge, toDomainPayload } from './payload.js';
import { toDomainRequirements } from './requirements.js';
import { toDomainRetry } from './retry.js';
import { toTerms } from './terms.js';
import { msOf, timeOf } from './time.js';

/** What the mapping of a submission goes by. */
export interface SpecRules {
  readonly defaultRetry: DomainRetry;
  readonly maxPayloadBytes: number;
}

export interface MappedSpec {
  readonly spec: DomainSpec;
  readonly terms: Terms;
  /** What was changed of the request, for people. */
  readonly notes: readonly string[];
}

export const TIERS_BY_NUMBER: ReadonlyMap<Tier, DomainTier> = new Map([
  [Tier.CRITICAL, 'CRITICAL'],
  [Tier.URGENT, 'URGENT'],
  [Tier.HIGH, 'HIGH'],
  [Tier.LOW, 'LOW'],
]);

const SOURCES: ReadonlyMap<TaskSource, DomainSource> = new Map([
  [TaskSource.HUMAN, 'HUMAN'],
  [TaskSource.AGENT, 'AGENT'],
]);

export const NOT_HUMAN_NOTE =
  'stored as AUTOMATED and NORMAL: saying HUMAN or CRITICAL needs the permission tasks.submit_human';

/**
 * A submission of a caller, who may not say all that tasks of the coordinator's own have. Otherwise as
 * {@link toDomainSpec}.
 */
export function toSubmittedSpec(
  spec: TaskSpec,
  principal: Principal,
  rules: SpecRules,
  path: string,
): MappedSpec {
  if (spec.workflow) {
    const description = 'must not be set: which workflow a task is of, the coordinator says';
    throw invalidArgument([{ field: `${path}.workflow`, description }]);
  }
  return toDomainSpec(spec, principal, rules, path);
}

/**
 * A submission that has passed its constraints, in the core's terms, defaults filled in.
 * Its `body` is what agents and readers get: equal submissions have equal bodies, in
 * whichever order their labels came.
 *
 * @param path where the spec is in the request, for errors
 * @throws INVALID_ARGUMENT for a payload, or data of an item, that is too large or contradicts its media type
 */
export function toDomainSpec(
  spec: TaskSpec,
  principal: Principal,
  rules: SpecRules,
  path: string,
): MappedSpec {
  const wanted = {
    tier: TIERS_BY_NUMBER.get(spec.tier) ?? 'NORMAL',
    source: SOURCES.get(spec.source) ?? 'AUTOMATED',
  };
  const special = wanted.source === 'HUMAN' || wanted.tier === 'CRITICAL';
  const refused = special && !maySubmitHuman(principal);
  const { tier, source } = refused ? ({ tier: 'NORMAL', source: 'AUTOMATED' } as const) : wanted;

  const requirements = toDomainRequirements(spec);
  const submitterSubjectId = spec.submitterSubjectId || principal.subject;
  const labels = sortedLabels(spec.labels);
  const parentTaskId = spec.parentTaskId.toLowerCase();
  const dependencies = distinctDependencies(spec, path);
  const input = spec.input && withData(toDomainPayload(spec.input, `${path}.input`, rules.maxPayloadBytes));
  requireSmallItem(spec, `${path}.item.item_data`, rules.maxPayloadBytes);
  const body = encode(TaskSpecSchema, {
    ...spec,
    ...(input ? { input } : {}),
    tier: Tier[tier],
    source: TaskSource[source],
    labels,
    submitterSubjectId,
    parentTaskId,
    dependencies: dependencies.map((dependency) => create(DependencySchema, dependency)),
  });
  return {
    spec: {
      kind: spec.kind,
      tier,
      source,
      labels,
      goal: spec.goal,
      intent: spec.intent,
      submitterSubjectId,
      jobSpaceId: spec.jobSpaceId,
      parentTaskId: parentTaskId || null,
      requirements,
      retry: toDomainRetry(spec.retry, rules.defaultRetry, path),
      attemptTimeoutMs: msOf(spec.attemptTimeout),
      runAt: timeOf(spec.runAt),
      deadline: timeOf(spec.deadline),
      dependencies,
      body,
    },
    terms: toTerms(spec),
    notes: refused ? [NOT_HUMAN_NOTE] : [],
  };
}

/** In the order of their ids: the order they were given in means nothing. */
function distinctDependencies(spec: TaskSpec, path: string): readonly Dependency[] {
  if (spec.dependencies.length === 0) return [];
  const seen = new Set<string>();
  const dependencies = spec.dependencies.map(({ taskId, runAnyway }, i) => {
    const id = taskId.toLowerCase();
    if (seen.has(id)) {
      const field = `${path}.dependencies[${i}].task_id`;
      throw invalidArgument([{ field, description: 'names a task that was named before' }]);
    }
    seen.add(id);
    return { taskId: id, runAnyway };
  });
  return dependencies.sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

/** What it was made from is no way round the bound on its input. */
function requireSmallItem({ item }: TaskSpec, path: string, maxBytes: number): void {
  if (!item?.itemData) return;
  const size = Buffer.byteLength(jsonTextOf(item.itemData));
  if (size > maxBytes) throw payloadTooLarge(path, size, maxBytes);
}

function withData({ mediaType, data }: DomainPayload): Payload {
  return { $typeName: 'reeve.v1.Payload', mediaType, content: { case: 'data', value: data } };
}
