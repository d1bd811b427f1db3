import {
  AgentService,
  AgentStatus,
  CoordinatorService,
  type Operation,
  OperationState,
  Tier,
} from '@reeve/sdk/protocol';
import type { JsonDoor } from '../../support/json-doors.js';
import { json, type Place, type Row, showRows, submit } from '../../support/rows.js';

const { batchCancelTasks, batchRetryTasks, listTasks, pauseQueue, peekQueue, resumeQueue, waitOperation } =
  CoordinatorService.method;
const { listAgents, updateAgentStatus } = AgentService.method;
const REASON = 'the site is down';

/** An agent that gets no work of the row. */
async function fleet({ agent }: Place): Promise<void> {
  await agent('worker')
    .handle('other', () => 1)
    .start();
}

async function ended(door: JsonDoor, begun: Operation | undefined): Promise<unknown> {
  const { operation } = await door.call(waitOperation, { operationId: begun?.operationId ?? '' });
  return [OperationState[operation?.state ?? 0], Number(operation?.doneCount)];
}

interface SaidOperation {
  readonly state: string;
  readonly doneCount: number;
}

const operating: Row = {
  shows: 'K3: an operator holds a kind of work, drops and redoes many tasks, and takes an agent out',
  ...json(async (door, place) => {
    await fleet(place);
    for (const tier of [Tier.LOW, Tier.HIGH, Tier.LOW]) await submit(door, { kind: 'a', tier });
    const { pause } = await door.call(pauseQueue, { part: { kind: 'a' }, reason: REASON });
    const { tasks } = await door.call(peekQueue, {});
    const filter = { kinds: ['a'], tiers: [Tier.LOW] };
    const cancel = await door.call(batchCancelTasks, { filter, reason: REASON });
    const cancelled = await ended(door, cancel.operation);
    const dropped = (await door.call(listTasks, { filter })).tasks.map(({ reason }) => reason);
    const retried = await ended(door, (await door.call(batchRetryTasks, { filter })).operation);
    await door.call(resumeQueue, { part: { kind: 'a' } });
    const left = (await door.call(peekQueue, {})).tasks;
    await door.call(updateAgentStatus, { agentId: 'worker', status: AgentStatus.INACTIVE });
    const { agents } = await door.call(listAgents, {});
    return {
      paused: [pause?.part?.kind, pause?.reason],
      next: tasks.map(({ task, held }) => [Tier[task?.spec?.tier ?? 0], held]),
      cancelled,
      dropped,
      retried,
      left: left.map(({ task, held }) => [Tier[task?.spec?.tier ?? 0], held]),
      agents: agents.map(({ spec, status }) => [spec?.agentId, AgentStatus[status]]),
    };
  }),
  async sdk(place) {
    const { client } = place;
    await fleet(place);
    for (const tier of ['LOW', 'HIGH', 'LOW'] as const) await client.submit({ kind: 'a', tier });
    const pause = await client.queue.pause({ kind: 'a' }, { reason: REASON });
    const peek = async () => (await client.queue.peek()).map(({ task, held }) => [task.tier, held]);
    const next = await peek();
    const filter = { kinds: ['a'], tiers: ['LOW'] } as const;
    const end = async ({ operationId }: { operationId: string }) => {
      const { state, doneCount } = await client.operations.wait(operationId);
      return [state, doneCount];
    };
    const cancelled = await end(await client.operations.cancelTasks(filter, { reason: REASON }));
    const dropped: unknown[] = [];
    for await (const { reason } of client.list(filter)) dropped.push(reason);
    const retried = await end(await client.operations.retryTasks(filter));
    await client.queue.resume({ kind: 'a' });
    const left = await peek();
    await client.agents.setStatus('worker', 'INACTIVE');
    const agents: unknown[] = [];
    for await (const { agentId, status } of client.agents.list()) agents.push([agentId, status]);
    return { paused: [pause.part.kind, pause.reason], next, cancelled, dropped, retried, left, agents };
  },
  async cli(reeve, place) {
    await fleet(place);
    for (const tier of ['LOW', 'HIGH', 'LOW'] as const) await place.client.submit({ kind: 'a', tier });
    const queue = ['--kind', 'a'];
    const pause = (await reeve('queue', 'pause', ...queue, '--reason', REASON)) as {
      part: { kind: string };
      reason: string;
    };
    const peek = async () =>
      ((await reeve('queue', 'peek')) as { task: { tier: string }; held: boolean }[]).map(
        ({ task, held }) => [task.tier, held],
      );
    const next = await peek();
    const filter = [...queue, '--tier', 'LOW'];
    const many = async (...argv: string[]) => {
      const { state, doneCount } = (await reeve('task', ...argv, ...filter, '--yes')) as SaidOperation;
      return [state, doneCount];
    };
    const cancelled = await many('cancel', '--reason', REASON);
    const listed = (await reeve('task', 'list', ...filter)) as { reason: string }[];
    const retried = await many('retry');
    await reeve('queue', 'resume', ...queue);
    const left = await peek();
    await reeve('agent', 'deactivate', 'worker');
    const agents = (await reeve('agent', 'list')) as { agentId: string; status: string }[];
    return {
      paused: [pause.part.kind, pause.reason],
      next,
      cancelled,
      dropped: listed.map(({ reason }) => reason),
      retried,
      left,
      agents: agents.map(({ agentId, status }) => [agentId, status]),
    };
  },
  expected: {
    paused: ['a', REASON],
    next: [
      ['HIGH', true],
      ['LOW', true],
      ['LOW', true],
    ],
    cancelled: ['SUCCEEDED', 2],
    dropped: [REASON, REASON],
    retried: ['SUCCEEDED', 2],
    left: [
      ['HIGH', false],
      ['LOW', false],
      ['LOW', false],
    ],
    agents: [['worker', 'INACTIVE']],
  },
};

showRows([operating]);
