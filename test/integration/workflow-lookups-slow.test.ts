import { WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { value } from '../policies/support/context-server.js';
import { openEmbedded } from '../support/embedded.js';
import { INPUT, lookingUp, setupLookUps } from '../support/look-up-world.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { nodesOf, stateOf, workflowWorld } from '../support/workflow-world.js';

const { method } = WorkflowService;

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

describe('a provider that takes its time', () => {
  test('holds up its organisation, and no other', async () => {
    let go = () => {};
    const slow = await setupLookUps(coordinator);
    const provider = await slow.provided({ until: new Promise<void>((resolve) => (go = resolve)) });
    await slow.org.set('context_provider_timeout', '30s');
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => slow.world.start(lookingUp({ input: INPUT }))),
    );
    await expect.poll(() => provider.requests.length, { timeout: 20_000 }).toBe(16);
    const other = await setupLookUps(coordinator);
    await other.provided();
    expect(stateOf(await other.world.ended(await other.world.start(lookingUp({ input: INPUT }))))).toBe(
      'SUCCEEDED',
    );
    expect(provider.requests).toHaveLength(16);
    go();
    for (const id of ids) expect(stateOf(await slow.world.ended(id))).toBe('SUCCEEDED');
  });

  test('does not keep a workflow from being cancelled', async () => {
    let go = () => {};
    const { world, provided } = await setupLookUps(coordinator);
    const provider = await provided({ until: new Promise<void>((resolve) => (go = resolve)) });
    const id = await world.start(lookingUp({ input: INPUT }));
    await expect.poll(() => provider.requests.length).toBe(1);
    expect(nodesOf(await world.get(id))).toMatchObject({ 'g.asks': 'EXPANDING' });
    await world.grpc.call(method.cancelWorkflow, { workflowId: id, reason: 'enough' }, world.meta);
    go();
    const ended = await world.ended(id);
    expect(stateOf(ended)).toBe('CANCELLED');
    const made: string[] = [];
    for await (const { state } of world.client.list({ workflowId: id })) made.push(state);
    expect(made).toEqual([]);
  });

  test('does not keep the coordinator from stopping, and the next one asks again', async () => {
    let hangs = true;
    const data = temporaryFolder('lookups');
    const first = await openEmbedded({ data });
    const before = await setupLookUps(first, { agents: false });
    const provider = await before.provided({
      answer: (queries) => (hangs ? 'HANG' : queries.map(({ query }) => value({ found: query }))),
    });
    await before.org.set('context_provider_timeout', '30s');
    const id = await before.world.start(lookingUp({ input: INPUT }));
    await expect.poll(() => provider.requests.length).toBe(1);
    await first.stop();
    hangs = false;
    const second = await openEmbedded({ data });
    onTestFinished(() => second.stop());
    const world = workflowWorld(second.address, before.org.org);
    await world.agent({ k: (input) => input });
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    expect(await world.context(id, 'outputs.g.asks')).toEqual({ at: 'Rome' });
  });
});
