import { type Agent, type AgentOptions, agent, createClient } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { startDirectory } from '../policies/support/directory-server.js';
import { openEmbedded } from '../support/embedded.js';

const { method } = ConfigService;

describe('who gets a task by the roles that agents hold', () => {
  let coordinator: Coordinator | undefined;
  const running: Agent[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map((a) => a.stop()));
    await coordinator?.stop();
    coordinator = undefined;
  });

  async function setup() {
    coordinator = await openEmbedded();
    const { address } = coordinator;
    const client = createClient({ address });
    const raw = connect(address);
    return {
      client,
      raw,
      configure: (key: string, value: string | object) =>
        raw.call(method.setConfig, { key, value: asValue(value) }),
      async start(agentId: string, options: AgentOptions = {}) {
        const worker = agent({ agentId, address, slots: 2, log: QUIET, ...options });
        worker.handle('work', async () => agentId);
        await worker.start();
        running.push(worker);
      },
      submit: (roles: readonly string[] = [], jobSpaceId = '') =>
        client.submit({ kind: 'work', input: 1, requirements: { roles }, ...(jobSpaceId && { jobSpaceId }) }),
    };
  }

  test('a role that is given at run time brings what waits to its holder; taken away, it brings nothing new', async () => {
    const { client, start, submit } = await setup();
    await start('ann');
    await start('bob');
    const waiting = await submit(['reviewer']);
    await client.roles.put({ roleId: 'reviewer' });
    await client.subjects.put({ subjectId: 'bob', roleIds: ['reviewer'] });
    expect(await waiting.wait({ timeoutMs: 10_000 })).toBe('bob');

    await client.subjects.put({ subjectId: 'bob' });
    await client.subjects.put({ subjectId: 'ann', groupIds: ['legal'] });
    const second = await submit(['reviewer']);
    await client.roles.put({ roleId: 'reviewer', groupIds: ['legal'] });
    expect(await second.wait({ timeoutMs: 10_000 })).toBe('ann');
  });
});
