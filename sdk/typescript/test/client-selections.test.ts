import { status } from '@grpc/grpc-js';
import type { TaskUpdate } from '@reeve/sdk';
import { AgentService, CoordinatorService, TaskState, TaskView } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { watchTasks, submitTask } = CoordinatorService.method;

const change = (n: number, state: TaskState, seq = 1n) => ({ task: { taskId: idOf(n), state }, seq });
const number = (taskId: string) => Number(taskId.slice(-12));

const told = (update: TaskUpdate): string => {
  switch (update.type) {
    case 'SNAPSHOT':
      return `SNAPSHOT ${update.tasks.map(({ taskId }) => number(taskId)).join(' ')}`;
    case 'CHANGED':
      return `${number(update.task.taskId)} ${update.task.state}`;
    case 'LEFT':
      return `${number(update.taskId)} LEFT ${update.task?.state ?? 'GONE'}`;
  }
};

async function first(count: number, updates: AsyncIterable<TaskUpdate>): Promise<string[]> {
  const seen: string[] = [];
  for await (const update of updates) if (seen.push(told(update)) === count) break;
  return seen;
}

describe('a watch by a filter', () => {
  it('gathers the snapshot, tells what changes and leaves, and goes on after its last token', async () => {
    const { server, client } = await setup();
    const asked: string[] = [];
    server.stream(watchTasks, ({ resumeToken, selector, view }, stream) => {
      asked.push(`${resumeToken} ${selector?.kinds} ${TaskView[view]}`);
      if (asked.length === 1) {
        stream.send({ snapshot: true, changes: [change(1, TaskState.QUEUED)] });
        const bookmark = { resumeToken: 't1', snapshotComplete: true };
        stream.send({ snapshot: true, changes: [change(2, TaskState.QUEUED)], bookmark });
        stream.send({ changes: [change(1, TaskState.RUNNING)], bookmark: { resumeToken: 't2' } });
        stream.send({ changes: [{ ...change(2, TaskState.CANCELLED), left: true }] });
        stream.fail(statusError(status.UNAVAILABLE, 'SHUTTING_DOWN', 'going'));
      } else {
        stream.send({ changes: [{ task: { taskId: idOf(3) }, left: true, notFound: true }] });
      }
    });
    expect(await first(4, client.watch({ filter: { kinds: ['a'] } }))).toEqual([
      'SNAPSHOT 1 2',
      '1 RUNNING',
      '2 LEFT CANCELLED',
      '3 LEFT GONE',
    ]);
    expect(asked).toEqual([' a BASIC', 't2 a BASIC']);
  });

  it('begins anew with a snapshot when the server cannot go on from there', async () => {
    const { server, client } = await setup();
    const asked: string[] = [];
    server.stream(watchTasks, ({ resumeToken, skipSnapshot }, stream) => {
      asked.push(`${resumeToken} ${skipSnapshot}`);
      if (asked.length === 1) {
        stream.send({ bookmark: { resumeToken: 't1' } });
        stream.send({ changes: [change(1, TaskState.RUNNING)] });
        stream.fail(statusError(status.UNAVAILABLE, 'SHUTTING_DOWN', 'going'));
      } else if (asked.length === 2) {
        stream.fail(statusError(status.OUT_OF_RANGE, 'WATCH_COMPACTED', 'too old'));
      } else {
        const bookmark = { resumeToken: 't2', snapshotComplete: true };
        stream.send({ snapshot: true, changes: [change(2, TaskState.QUEUED)], bookmark });
      }
    });
    const updates = client.watch({ filter: {}, skipSnapshot: true });
    expect(await first(2, updates)).toEqual(['1 RUNNING', 'SNAPSHOT 2']);
    expect(asked).toEqual([' true', 't1 true', ' false']);
  });

  it('forgets half a snapshot that it could not have whole', async () => {
    const { server, client } = await setup();
    let asked = 0;
    server.stream(watchTasks, (_, stream) => {
      asked++;
      const last = asked === 2;
      const bookmark = { resumeToken: 't', snapshotComplete: true };
      stream.send({
        snapshot: true,
        changes: [change(asked, TaskState.QUEUED)],
        ...(last && { bookmark }),
      });
      if (!last) stream.fail(statusError(status.UNAVAILABLE, 'SHUTTING_DOWN', 'going'));
    });
    expect(await first(1, client.watch({ filter: {} }))).toEqual(['SNAPSHOT 2']);
  });

  it('ends with what is wrong with the filter, and with its signal', async () => {
    const { server, client } = await setup();
    server.stream(watchTasks, ({ selector }, stream) => {
      if (selector?.kinds.length) stream.fail(statusError(status.INVALID_ARGUMENT, 'INVALID_FIELD', 'no'));
    });
    await expect(first(1, client.watch({ filter: { kinds: ['a'] } }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const enough = AbortSignal.abort(new Error('enough'));
    await expect(first(1, client.watch({ filter: {} }, { signal: enough }))).rejects.toThrow('enough');
  });
});

describe('a watch of agents', () => {
  it('begins with a snapshot, after a reconnect too', async () => {
    const { server, client } = await setup();
    let asked = 0;
    const agent = (agentId: string) => ({ agent: { spec: { agentId } } });
    server.stream(AgentService.method.watchAgents, ({ filter }, stream) => {
      asked++;
      stream.send({
        snapshot: true,
        changes: [agent(`${filter?.tags[0]}-${asked}`)],
        snapshotComplete: true,
      });
      if (asked === 2) return;
      stream.send({});
      stream.send({ changes: [agent('b'), { ...agent('c'), left: true }] });
      stream.fail(statusError(status.UNAVAILABLE, 'SHUTTING_DOWN', 'going'));
    });
    const seen: string[] = [];
    for await (const update of client.agents.watch({ tags: ['x'] })) {
      const agents = update.type === 'SNAPSHOT' ? update.agents : [update.agent];
      if (seen.push(`${update.type} ${agents.map(({ agentId }) => agentId).join(' ')}`) === 4) break;
    }
    expect(seen).toEqual(['SNAPSHOT x-1', 'CHANGED b', 'LEFT c', 'SNAPSHOT x-2']);
  });
});

describe('a submission that waits for its agent', () => {
  it('names the agent, or what the coordinator says of why there is none', async () => {
    const { server, client } = await setup();
    server.answer(submitTask, ({ task, assignWait, requestId }) => {
      expect([assignWait?.seconds, requestId.length]).toEqual([3n, 36]);
      if (task?.kind === 'a') return { task: { taskId: idOf(1), state: TaskState.RUNNING, agentId: 'w' } };
      return { task: { taskId: idOf(2), state: TaskState.QUEUED, agentId: 'w' }, notes: ['nobody'] };
    });
    const taken = await client.submit({ kind: 'a', assignWaitMs: 3_000 });
    expect([taken.state, taken.agentId, taken.notes]).toEqual(['RUNNING', 'w', []]);
    const waiting = await client.submit({ kind: 'b', assignWaitMs: 3_000 });
    expect([waiting.state, waiting.agentId, waiting.notes]).toEqual(['QUEUED', '', ['nobody']]);
  });
});
