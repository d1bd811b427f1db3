import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type LaneStatsSchema,
  type QueuePart,
  type QueuePartSchema,
  type QueuePauseSchema,
  Tier,
  TierSchema,
  type TierStatsSchema,
} from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import { type QueuePart as DomainPart, WHOLE_QUEUE } from '../../domain/queues/queue-part.js';
import { TIERS } from '../../domain/tasks/tier.js';
import type { QueuePause } from '../../ports/queue-record.js';
import type { LaneSize, TierSize } from '../../ports/ready-index.js';
import { mustBeOneOf } from './enum-names.js';
import { toProtoRequirements } from './requirements.js';
import { durationOf, timestampOf } from './time.js';

/**
 * @param path where it is in the request, for errors
 * @throws INVALID_ARGUMENT for a tier that is none
 */
export function toDomainPart(part: QueuePart | undefined, path: string): DomainPart {
  if (!part) return WHOLE_QUEUE;
  const tier = TIERS.find((name) => name === Tier[part.tier]) ?? null;
  if (tier === null && part.tier !== Tier.UNSPECIFIED) {
    throw invalidArgument([{ field: `${path}.tier`, description: mustBeOneOf(TierSchema, TIERS) }]);
  }
  return { tier, kind: part.kind || null };
}

export function toProtoPart({ tier, kind }: DomainPart): MessageInitShape<typeof QueuePartSchema> {
  return { tier: tier === null ? Tier.UNSPECIFIED : Tier[tier], kind: kind ?? '' };
}

export function toProtoPause(pause: QueuePause): MessageInitShape<typeof QueuePauseSchema> {
  const { part, reason, actor, pauseTime } = pause;
  return {
    part: toProtoPart(part),
    reason,
    actorSubjectId: actor,
    pauseTime: timestampOf(pauseTime),
  };
}

/** @param now ms since the epoch */
export function toProtoTier(size: TierSize, now: number): MessageInitShape<typeof TierStatsSchema> {
  const { tier, waiting, delayed, reserved, held, waitingSince, rates } = size;
  return {
    tier: Tier[tier],
    waiting: BigInt(waiting),
    delayed: BigInt(delayed),
    reserved: BigInt(reserved),
    held: BigInt(held),
    rates: { ...rates },
    ...oldest(waitingSince, now),
  };
}

/** @param now ms since the epoch   @param expectedMs of its kind; `null`: nothing is known */
export function toProtoLane(
  size: LaneSize,
  now: number,
  expectedMs: number | null,
): MessageInitShape<typeof LaneStatsSchema> {
  const { kind, tier, requirements, waiting, reserved, waitingSince, held } = size;
  return {
    kind,
    tier: Tier[tier],
    requirements: toProtoRequirements({ ...requirements, prefer: null }),
    waiting: BigInt(waiting),
    reserved: BigInt(reserved),
    eligibleInstances: size.eligibleInstances,
    freeInstances: size.freeInstances,
    held,
    ...oldest(waitingSince, now),
    ...(expectedMs !== null && { expectedDuration: durationOf(expectedMs) }),
  };
}

function oldest(since: number | null, now: number) {
  return since === null ? {} : { oldestWait: durationOf(Math.max(0, now - since)) };
}
