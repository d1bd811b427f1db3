import { type CoordinatorService, PayloadView } from '@reeve/sdk/protocol';
import { headStartsInScores } from '../../domain/policies/head-start.js';
import { standBack } from '../../usecases/admission/stand-back.js';
import { createQueuePauses } from '../../usecases/pause-queue.js';
import type { Handlers } from '../call.js';
import { toDomainPart, toProtoLane, toProtoPause, toProtoTier } from '../mapping/queue.js';
import { toProtoTask } from '../mapping/task.js';
import { type Context, taskMapping } from './context.js';

/** Lanes of one answer; the longest are the ones worth looking at. */
const MAX_LANES = 1_000;

export function queueHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'getQueueStats' | 'peekQueue' | 'pauseQueue' | 'resumeQueue'> {
  const { ports, bulk } = context;
  const { index, record, clock, rules, orgRules, durations } = ports;
  const pauses = createQueuePauses({ ports, queues: bulk.queues });

  return {
    async getQueueStats({ org }, request) {
      const part = toDomainPart(request.part, 'part');
      const snapshot = await orgRules.of(org);
      const headStarts = headStartsInScores(rules.headStarts, snapshot.config);
      const back = standBack(ports, snapshot);
      const { tiers, lanes } = await index.queueSizes(org, part, headStarts, (_org, kind, tier) =>
        back({ kind, tier }),
      );
      const now = clock.now();
      const longest = [...lanes].sort((a, b) => b.waiting - a.waiting).slice(0, MAX_LANES);
      return {
        tiers: tiers.map((tier) => toProtoTier(tier, now)),
        lanes: longest.map((lane) => toProtoLane(lane, now, durations.of(org, lane.kind))),
        omittedLanes: BigInt(lanes.length - longest.length),
        pauses: (await bulk.queues.listPauses(org)).map(toProtoPause),
      };
    },

    async peekQueue({ org }, request, call) {
      const part = toDomainPart(request.part, 'part');
      const peeked = await index.peekQueue(org, part, request.pageSize || 10);
      const ids = peeked.map(({ taskId }) => taskId);
      const tasks = await record.getTasks(org, ids, 'BASIC');
      const mapping = taskMapping(context, call, PayloadView.DATA);
      return {
        tasks: peeked.flatMap(({ held, hasFreeAgent }, i) => {
          const task = tasks[i];
          return task ? [{ position: i + 1, task: toProtoTask(task, mapping), held, hasFreeAgent }] : [];
        }),
      };
    },

    async pauseQueue(principal, request) {
      const part = toDomainPart(request.part, 'part');
      return { pause: toProtoPause(await pauses.pause(principal, part, request.reason)) };
    },

    async resumeQueue(principal, request) {
      const pause = await pauses.resume(principal, toDomainPart(request.part, 'part'));
      return pause ? { pause: toProtoPause(pause) } : {};
    },
  };
}
