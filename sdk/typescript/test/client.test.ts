import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { ReeveError } from '@reeve/sdk';
import { AgentService, CoordinatorService, TaskState } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;

describe('errors', () => {
  it('carry what the server says of them', async () => {
    const { server, client } = await setup();
    server.answer(method.retryTask, () => {
      throw statusError(status.UNAVAILABLE, 'DRAINING', 'later', { retryAfterMs: 250 });
    });
    const error = await client.retry(idOf(1)).catch((e) => e);
    expect(error).toBeInstanceOf(ReeveError);
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'DRAINING',
      message: 'later',
      retryable: true,
      retryAfterMs: 250,
    });
  });

  it('of a coordinator that is not there name the address and what to do', async () => {
    const { server, client } = await setup();
    server.crash();
    const error = await client.get(idOf(1)).catch((e) => e);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNREACHABLE', retryable: true });
    expect(error.message).toContain(server.address);
    expect(error.message).toContain('`reeve dev`');
  });

  it('of a call that takes too long are DEADLINE_EXCEEDED', async () => {
    const { server, client } = await setup({ timeoutMs: 100 });
    server.answer(method.getTask, () => new Promise(() => {}));
    await expect(client.get(idOf(1))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: false });
  });
});

describe('lists', () => {
  it('read their pages as they are asked for', async () => {
    const { server, client } = await setup();
    const pages: string[] = [];
    server.answer(method.listTasks, ({ pageToken, filter }) => {
      expect(filter).toMatchObject({ states: [TaskState.FAILED], kinds: ['k'] });
      pages.push(pageToken);
      const n = pages.length * 2;
      return { tasks: [{ taskId: idOf(n - 1) }, { taskId: idOf(n) }], nextPageToken: `page ${pages.length}` };
    });
    const ids: string[] = [];
    for await (const { taskId } of client.list({ states: ['FAILED'], kinds: ['k'], limit: 3 })) {
      ids.push(taskId);
    }
    expect(ids).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(pages).toEqual(['', 'page 1']);
  });

  it('have no limit if it is 0, as if there were none', async () => {
    const { server, client } = await setup();
    server.answer(method.listTasks, ({ pageToken, pageSize }) => {
      expect(pageSize).toBeGreaterThan(0);
      return pageToken === ''
        ? { tasks: [{ taskId: idOf(1) }], nextPageToken: 'more' }
        : { tasks: [{ taskId: idOf(2) }], nextPageToken: '' };
    });
    for (const query of [{ limit: 0 }, {}]) {
      const ids: string[] = [];
      for await (const { taskId } of client.list(query)) ids.push(taskId);
      expect(ids).toEqual([idOf(1), idOf(2)]);
    }
  });

  it('of agents tell what each is', async () => {
    const { server, client } = await setup();
    server.answer(AgentService.method.listAgents, () => ({
      agents: [
        {
          spec: create(AgentService.method.registerAgent.input, { agent: { agentId: 'a', tags: ['t'] } })
            .agent,
          status: 1,
          healthScore: 0.5,
          load: { inFlight: 1, slots: 3, credit: 2 },
          instances: [{ instanceKey: 'i', slots: 3 }],
        },
      ],
    }));
    const agents = [];
    for await (const agent of client.agents.list()) agents.push(agent);
    expect(agents).toMatchObject([
      {
        agentId: 'a',
        agentType: 'GENERAL',
        status: 'ACTIVE',
        tags: ['t'],
        healthScore: 0.5,
        inFlight: 1,
        slots: 3,
        credit: 2,
        instances: [{ instanceKey: 'i', slots: 3 }],
      },
    ]);
  });
});

it('ready resolves as soon as a coordinator answers', async () => {
  const { server, client } = await setup();
  server.crash();
  const ready = client.ready();
  server.answer(AgentService.method.getServerInfo, () => ({ version: '1', mode: 'embedded' }));
  await server.listen();
  await ready;
  expect(await client.serverInfo()).toMatchObject({ version: '1', mode: 'embedded' });
});
