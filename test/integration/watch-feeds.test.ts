import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { status } from '@grpc/grpc-js';
import { createClient, type TaskUpdate } from '@reeve/sdk';
import { CoordinatorService, type WatchTasksResponse } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { serve } from '../support/grpc-world.js';
import { ownPort } from '../support/own-port.js';
import { RawAgent } from '../support/raw-agent.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { resultOf } from '../support/work-world.js';

const { watchTasks, submitTask, batchSubmitTasks } = CoordinatorService.method;

let coordinator: Coordinator;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await coordinator.stop();
});

function setup() {
  const kind = `feed-${randomUUID()}`;
  const client = createClient({ address: coordinator.address });
  cleanups.push(() => client.close());
  return {
    kind,
    client,
    /** An agent that takes `credit` tasks of the kind. */
    async connectAgent(agentId: string, credit: number) {
      const agent = new RawAgent(coordinator.address);
      cleanups.push(() => agent.close());
      await agent.hello(agentId, { capabilities: [kind] });
      agent.grant(credit);
      return agent;
    },
  };
}

/** Reads updates as texts until one matches. */
function reader(updates: AsyncIterable<TaskUpdate>) {
  const iterator = updates[Symbol.asyncIterator]();
  return async (pattern: RegExp): Promise<string[]> => {
    const seen: string[] = [];
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) throw new Error(`it ended before ${pattern}: ${seen}`);
      const text =
        value.type === 'SNAPSHOT'
          ? `SNAPSHOT ${value.tasks.map((task) => task.state).join(' ')}`
          : `${value.type} ${value.task?.state}`;
      seen.push(text);
      if (pattern.test(text)) return seen;
    }
  };
}

describe('a watch by a filter, against a whole coordinator', () => {
  it('follows what is chosen from its submission to its end', async () => {
    const { kind, client, connectAgent } = setup();
    await client.submit({ kind, labels: { page: 'a' } });
    await client.submit({ kind });
    const until = reader(client.watch({ filter: { kinds: [kind], labels: { page: 'a' } } }));
    expect(await until(/SNAPSHOT/)).toEqual(['SNAPSHOT QUEUED']);
    const agent = await connectAgent(`agent-${kind}`, 10);
    const assignments = await agent.assignments(2);
    await until(/CHANGED ASSIGNED/);
    agent.accept(...assignments);
    await until(/CHANGED RUNNING/);
    agent.send({ case: 'results', value: { results: assignments.map((a) => resultOf(a)) } });
    expect((await until(/CHANGED SUCCEEDED/)).filter((text) => text.includes('SUCCEEDED'))).toHaveLength(1);
  });

  it('tells when a task is chosen no longer', async () => {
    const { kind, client } = setup();
    const task = await client.submit({ kind });
    const until = reader(client.watch({ filter: { kinds: [kind], states: ['QUEUED'] } }));
    await until(/SNAPSHOT QUEUED/);
    await task.cancel();
    expect(await until(/LEFT/)).toEqual(['LEFT CANCELLED']);
    await client.retry(task.taskId);
    expect(await until(/CHANGED/)).toEqual(['CHANGED QUEUED']);
  });

  it('goes on after a token on another connection, and refuses one of another process', async () => {
    const { kind, client } = setup();
    const one = connect(coordinator.address);
    cleanups.push(() => one.close());
    const messages = (from: object) => {
      const stream = one.stream(watchTasks, { selector: { kinds: [kind] }, ...from });
      stream.on('error', () => {});
      return { stream, iterator: stream[Symbol.asyncIterator]() as AsyncIterator<WatchTasksResponse> };
    };
    const before = messages({});
    const { value: snapshot } = await before.iterator.next();
    expect(snapshot).toMatchObject({ snapshot: true, changes: [], bookmark: { snapshotComplete: true } });
    before.stream.cancel();
    const missed = await client.submit({ kind });
    const resumeToken: string = snapshot.bookmark.resumeToken;
    const after = messages({ resumeToken });
    const { value } = await after.iterator.next();
    expect(value).toMatchObject({ snapshot: false, changes: [{ task: { taskId: missed.taskId }, seq: 1n }] });
    after.stream.cancel();

    const error = await failureOf(messages({ resumeToken, selector: { kinds: ['other'] } }).iterator.next());
    expect([error.code, detailsOf(error).fields]).toEqual([status.INVALID_ARGUMENT, ['resume_token']]);
  });

  it('begins anew with a snapshot after the coordinator was started anew', async () => {
    const data = temporaryFolder('watch-feeds');
    const port = await ownPort();
    const first = await openEmbedded({ data, port });
    const client = createClient({ address: first.address });
    const until = reader(client.watch({ filter: { kinds: ['outlives'] } }));
    await until(/SNAPSHOT/);
    const task = await client.submit({ kind: 'outlives' });
    await until(/CHANGED QUEUED/);
    await first.stop();
    const second = await openEmbedded({ data, port });
    expect(await until(/SNAPSHOT/)).toEqual(['SNAPSHOT QUEUED']);
    await task.cancel();
    expect(await until(/CHANGED/)).toEqual(['CHANGED CANCELLED']);
    client.close();
    await second.stop();
  });

  it('is the same over HTTP, as JSON', async () => {
    const { kind, client } = setup();
    const { taskId } = await client.submit({ kind });
    const body = Buffer.from(JSON.stringify({ selector: { kinds: [kind] } }));
    const envelope = Buffer.alloc(5);
    envelope.writeUInt32BE(body.length, 1);
    const req = request(`http://${coordinator.httpAddress}/reeve.v1.CoordinatorService/WatchTasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/connect+json' },
    });
    req.end(Buffer.concat([envelope, body]));
    const first = await new Promise<Buffer>((resolve, reject) => {
      req.on('error', reject);
      req.on('response', (res) => {
        let bytes = Buffer.alloc(0);
        res.on('data', (chunk: Buffer) => {
          bytes = Buffer.concat([bytes, chunk]);
          if (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) resolve(bytes);
        });
        res.on('error', () => {});
      });
    });
    req.destroy();
    expect(JSON.parse(first.subarray(5, 5 + first.readUInt32BE(1)).toString())).toMatchObject({
      changes: [{ task: { taskId, state: 'TASK_STATE_QUEUED' } }],
      snapshot: true,
      bookmark: { resumeToken: expect.any(String), snapshotComplete: true },
    });
  });
});

describe('a watch by a filter, at the door', () => {
  it('is told what does not go together', async () => {
    const { client } = await serve();
    const fieldsOf = async (asked: object) => {
      const stream = client.stream(watchTasks, asked);
      const error = await failureOf(new Promise((_, reject) => stream.on('error', reject).resume()));
      return [error.code, ...detailsOf(error).fields];
    };
    const taskIds = [randomUUID()];
    const { INVALID_ARGUMENT } = status;
    expect(await fieldsOf({})).toEqual([INVALID_ARGUMENT, 'task_ids']);
    expect(await fieldsOf({ taskIds, selector: {} })).toEqual([INVALID_ARGUMENT, 'selector']);
    expect(await fieldsOf({ selector: {}, onlyEnds: true })).toEqual([INVALID_ARGUMENT, 'only_ends']);
    expect(await fieldsOf({ taskIds, skipSnapshot: true })).toEqual([INVALID_ARGUMENT, 'skip_snapshot']);
    expect(await fieldsOf({ taskIds, resumeToken: 'x' })).toEqual([INVALID_ARGUMENT, 'resume_token']);
    expect(await fieldsOf({ selector: {}, resumeToken: 'x' })).toEqual([INVALID_ARGUMENT, 'resume_token']);
    expect(await fieldsOf({ selector: { states: [99] } })).toEqual([INVALID_ARGUMENT, 'selector.states[0]']);
  });

  it('of another process, or too old, is refused with the oldest token that would do', async () => {
    const there = await serve();
    const here = await serve({ generation: 'two' });
    const tokenOf = async ({ client }: typeof here) => {
      const stream = client.stream(watchTasks, { selector: {} });
      stream.on('error', () => {});
      for await (const message of stream) {
        stream.cancel();
        return (message as WatchTasksResponse).bookmark?.resumeToken ?? '';
      }
      throw new Error('it ended');
    };
    const resumeToken = await tokenOf(there);
    const stream = here.client.stream(watchTasks, { selector: {}, resumeToken });
    const error = await failureOf(new Promise((_, reject) => stream.on('error', reject).resume()));
    expect([error.code, detailsOf(error).info?.reason]).toEqual([status.OUT_OF_RANGE, 'WATCH_COMPACTED']);
    expect(detailsOf(error).info?.metadata).toEqual({ oldest_resume_token: await tokenOf(here) });
  });

  it('ends one whose reader does not read, at the cost of an id a task until then', async () => {
    const { client, put, watchers, reads } = await serve();
    const reason = 'x'.repeat(200_000);
    for (let i = 0; i < 200; i++) put({ reason });
    const stream = client.stream(watchTasks, { selector: {}, view: 2 });
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('readable', resolve));
    stream.pause();
    const before = reads.length;
    const org = 'default';
    for (let i = 0; i <= 100_000; i++) {
      watchers.changes.publish([{ org, taskId: randomUUID(), seq: 1, state: 'QUEUED' }]);
    }
    expect(reads.length).toBe(before);
    const error = await failureOf(new Promise((_, reject) => stream.on('error', reject).resume()));
    expect([error.code, detailsOf(error).info?.reason]).toEqual([status.OUT_OF_RANGE, 'WATCH_OVERRUN']);
    expect(reads.length).toBe(before);
  });
});

describe('a watch of agents, against a whole coordinator', () => {
  it('tells of an agent that connects, gets work, drains and is deregistered', async () => {
    const { kind, client, connectAgent } = setup();
    const agentId = `agent-${kind}`;
    const updates = client.agents.watch({ capabilities: [kind] })[Symbol.asyncIterator]();
    const until = async (check: (told: string) => boolean) => {
      for (;;) {
        const { value, done } = await updates.next();
        if (done) throw new Error('it ended');
        if (value.type === 'SNAPSHOT') {
          if (check(`SNAPSHOT ${value.agents.length}`)) return;
          continue;
        }
        const { agent, type } = value;
        if (check(`${type} ${agent.status} ${agent.inFlight}/${agent.slots} ${agent.instances.length}`))
          return;
      }
    };
    await until((told) => told === 'SNAPSHOT 0');
    const agent = await connectAgent(agentId, 1);
    await until((told) => told === 'CHANGED ACTIVE 0/10 1');
    await client.submit({ kind });
    await until((told) => told === 'CHANGED ACTIVE 1/10 1');
    await client.agents.setStatus(agentId, 'DRAINING');
    await until((told) => told.startsWith('CHANGED DRAINING'));
    agent.close();
    await until((told) => told === 'CHANGED DRAINING 0/0 0');
    await client.agents.deregister(agentId);
    await until((told) => told === 'LEFT INACTIVE 0/0 0');
  });
});

describe('a submission that waits for its agent', () => {
  it('names the agent that got it', async () => {
    const { kind, client, connectAgent } = setup();
    const submitting = client.submit({ kind, assignWaitMs: 20_000 });
    const until = reader(client.watch({ filter: { kinds: [kind] } }));
    await until(/QUEUED/);
    await connectAgent(`agent-${kind}`, 1);
    expect(await submitting).toMatchObject({ agentId: `agent-${kind}`, state: 'ASSIGNED', notes: [] });
  });

  it('says why nobody has it: nobody can, all are busy, its time has not come', async () => {
    const { kind, client, connectAgent } = setup();
    const nobody = await client.submit({ kind, assignWaitMs: 50 });
    expect(nobody).toMatchObject({ state: 'QUEUED', agentId: '' });
    expect(nobody.notes.join()).toMatch(/No agent could be assigned in time: /);
    await connectAgent(`agent-${kind}`, 1);
    const until = reader(client.watch({ filter: { kinds: [kind] } }));
    await until(/ASSIGNED/);
    const busy = await client.submit({ kind, assignWaitMs: 50 });
    expect(busy.notes.join()).toContain('none of 1 that could do it asks for work at the moment');
    const later = await client.submit({ kind, assignWaitMs: 20_000, runAt: Date.now() + 3_600_000 });
    expect(later.notes.join()).toContain('it waits until ');
  });

  it('is no matter for a batch, and ends with the server', async () => {
    const { client, api } = await serve();
    const { outcomes } = await client.call(batchSubmitTasks, {
      requests: [{ task: { kind: 'a' }, assignWait: { seconds: 1n } }],
    });
    expect(outcomes[0]?.outcome).toMatchObject({ value: { field: 'requests[0].assign_wait' } });
    const long = await failureOf(
      client.call(submitTask, { task: { kind: 'a' }, assignWait: { seconds: 21n } }),
    );
    expect(detailsOf(long).fields).toEqual(['assign_wait']);
    const waiting = client.call(submitTask, { task: { kind: 'a' }, assignWait: { seconds: 20n } });
    await client.call(submitTask, { task: { kind: 'b' } });
    api.close();
    expect((await waiting).notes.join()).toContain('no agent is connected');
  });
});
