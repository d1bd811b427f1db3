import { randomUUID } from 'node:crypto';
import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { QueuePart as PartMessage, QueuePause } from '../gen/reeve/v1/queue_pb.js';
import { Tier as TierNumber } from '../gen/reeve/v1/task_spec_pb.js';
import { type Tier, tierName } from '../names.js';
import { ReeveError } from '../transport/errors.js';
import {
  dateOf,
  type Requirements,
  requirements as requirementsInfo,
  type TaskInfo,
  taskInfo,
} from '../views.js';
import type { Call } from './call.js';
import { type BulkOptions, type OperationInfo, operationInfo } from './operations.js';
import { reasonOf } from './reason.js';

/** A part of the queue: what is set must hold; nothing set is all of it. */
export interface QueuePart {
  readonly tier?: Tier;
  readonly kind?: string;
}

export interface QueuePauseInfo {
  readonly part: QueuePart;
  readonly reason: string;
  /** Who paused it. */
  readonly actor: string;
  readonly pauseTime: Date;
}

export interface TierStats {
  readonly tier: Tier;
  /** Ready, and waiting for an agent. */
  readonly waiting: number;
  /** Waiting for their time. */
  readonly delayed: number;
  /** Being claimed. */
  readonly reserved: number;
  /** Of those that wait: in a part that is paused or being cleared. */
  readonly held: number;
  /** How long the longest has waited, in ms; unset if none waits. */
  readonly oldestWaitMs?: number;
  /** Tasks a second over the last minute: into the queue, to agents, let go by agents. */
  readonly rates: { readonly entered: number; readonly claimed: number; readonly ended: number };
}

/** Waiting tasks of one kind, tier and set of requirements. */
export interface LaneStats {
  readonly kind: string;
  readonly tier: Tier;
  readonly requirements: Requirements;
  readonly waiting: number;
  /** Being claimed, of this kind and tier. */
  readonly reserved: number;
  readonly oldestWaitMs?: number;
  /** How long tasks of its kind are expected to take, in ms; unset: nothing is known. */
  readonly expectedDurationMs?: number;
  /** Connected processes of agents that meet the requirements, and those of them that would take a task now. */
  readonly eligibleInstances: number;
  readonly freeInstances: number;
  /** Paused or being cleared. */
  readonly held: boolean;
}

export interface QueueStats {
  /** All five, most urgent first. */
  readonly tiers: readonly TierStats[];
  /** The longest first; at most 1,000. */
  readonly lanes: readonly LaneStats[];
  readonly omittedLanes: number;
  /** All that is paused. */
  readonly pauses: readonly QueuePauseInfo[];
}

export interface QueuedTask {
  /** From 1. */
  readonly position: number;
  readonly task: TaskInfo;
  readonly held: boolean;
  /** Whether a connected agent would take it now. */
  readonly hasFreeAgent: boolean;
}

export interface ClearOptions extends BulkOptions {
  /** Also tasks that wait for their time: a `runAt`, or the next attempt. Default false. */
  readonly includeDelayed?: boolean;
}

/** What waits, as `client.queue`. Every method throws `ReeveError`. */
export interface QueueClient {
  stats(part?: QueuePart): Promise<QueueStats>;
  /** The next tasks in the order in which they will be claimed. `limit`: default 10, at most 100, which 0 stands for. */
  peek(options?: QueuePart & { readonly limit?: number }): Promise<readonly QueuedTask[]>;
  /** Cancels what waits. Answers at once; nothing of the part is given to an agent until the operation has ended. */
  clear(part: QueuePart, options?: ClearOptions): Promise<OperationInfo>;
  /** Nothing of the part is given to an agent until `resume`. Idempotent. */
  pause(part: QueuePart, options?: { readonly reason?: string }): Promise<QueuePauseInfo>;
  /** Ends the pause of exactly this part; `undefined` if there was none. */
  resume(part: QueuePart): Promise<QueuePauseInfo | undefined>;
}

const { method } = CoordinatorService;
const MOST_PEEKED = 100;

export function createQueueClient(call: Call): QueueClient {
  return {
    async stats(part = {}) {
      const answer = await call(method.getQueueStats, { part: partMessage(part) });
      return {
        tiers: answer.tiers.map(({ tier, waiting, delayed, reserved, held, oldestWait, rates }) => ({
          tier: tierName(tier),
          waiting: Number(waiting),
          delayed: Number(delayed),
          reserved: Number(reserved),
          held: Number(held),
          ...oldest(oldestWait),
          rates: { entered: rates?.entered ?? 0, claimed: rates?.claimed ?? 0, ended: rates?.ended ?? 0 },
        })),
        lanes: answer.lanes.map((lane) => ({
          kind: lane.kind,
          tier: tierName(lane.tier),
          requirements: requirementsInfo(lane.requirements),
          waiting: Number(lane.waiting),
          reserved: Number(lane.reserved),
          ...oldest(lane.oldestWait),
          ...(lane.expectedDuration && { expectedDurationMs: durationMs(lane.expectedDuration) }),
          eligibleInstances: lane.eligibleInstances,
          freeInstances: lane.freeInstances,
          held: lane.held,
        })),
        omittedLanes: Number(answer.omittedLanes),
        pauses: answer.pauses.map(pauseInfo),
      };
    },
    async peek({ limit = 10, ...part } = {}) {
      const pageSize = limit === 0 ? MOST_PEEKED : limit;
      const { tasks } = await call(method.peekQueue, { pageSize, part: partMessage(part) });
      return tasks.flatMap(({ position, task, held, hasFreeAgent }) =>
        task ? [{ position, task: taskInfo(task), held, hasFreeAgent }] : [],
      );
    },
    async clear(part, { includeDelayed = false, dryRun = false, reason = '' } = {}) {
      const request = { part: partMessage(part), includeDelayed, dryRun, reason, requestId: randomUUID() };
      return operationInfo((await call(method.clearQueue, request)).operation);
    },
    async pause(part, options) {
      const request = { part: partMessage(part), reason: reasonOf(options) };
      const { pause } = await call(method.pauseQueue, request);
      if (!pause) throw new ReeveError('the coordinator answered without the pause', { code: 'INTERNAL' });
      return pauseInfo(pause);
    },
    async resume(part) {
      const { pause } = await call(method.resumeQueue, { part: partMessage(part) });
      return pause && pauseInfo(pause);
    },
  };
}

function partMessage({ tier, kind = '' }: QueuePart) {
  return { tier: TierNumber[tier ?? 'UNSPECIFIED'], kind };
}

function partInfo(part: PartMessage | undefined): QueuePart {
  return { ...(part?.tier && { tier: tierName(part.tier) }), ...(part?.kind && { kind: part.kind }) };
}

function pauseInfo({ part, reason, actorSubjectId, pauseTime }: QueuePause): QueuePauseInfo {
  return { part: partInfo(part), reason, actor: actorSubjectId, pauseTime: dateOf(pauseTime) };
}

function oldest(wait: Duration | undefined) {
  return wait ? { oldestWaitMs: durationMs(wait) } : {};
}
