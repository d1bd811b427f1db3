import type { JsonObject } from '@bufbuild/protobuf';
import { agent } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { error, startProvider, value } from '../policies/support/context-server.js';
import { openEmbedded } from '../support/embedded.js';
import { EACH, INPUT, list, lookingUp, setupLookUps } from '../support/look-up-world.js';
import { ownPort } from '../support/own-port.js';
import { silent } from '../support/steps.js';
import { nodesOf, stateOf } from '../support/workflow-world.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

describe('what a task looks up', () => {
  test('is in its input, its instructions, its message and its files', async () => {
    const { org, world, provided } = await setupLookUps(coordinator, { agents: false });
    await provided();
    const worker = agent({ agentId: 'w', address: coordinator.address, org: org.org, log: silent });
    worker.handle('k', (input, ctx) => ({
      input: input as JsonValue,
      brief: ctx.task.brief as unknown as JsonValue,
    }));
    await worker.start();
    onTestFinished(() => worker.stop());
    const near = '{{ lookups.near.found.to }}';
    const id = await world.start(
      lookingUp({
        input: INPUT,
        instructions: `Go to ${near}.`,
        messageTemplate: near,
        files: [`${near}.txt`],
      }),
    );
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    expect(await world.context(id, 'outputs.g.asks')).toMatchObject({
      input: { at: 'Rome' },
      brief: { instructions: 'Go to Rome.', message: 'Rome', files: ['Rome.txt'] },
    });
  });

  test('is asked for all items together, each different query once', async () => {
    const { world, provided } = await setupLookUps(coordinator);
    const provider = await provided({
      answer: (queries) => queries.map(({ query }) => value(`no. ${query}`)),
    });
    const numbers = Array.from({ length: 700 }, (_, i) => i % 350);
    const id = await world.start(lookingUp(EACH, { context: { list: numbers } }));
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    const { task_results } = (await world.context(id, 'outputs.g.asks')) as { task_results: JsonObject[] };
    expect(task_results.map(({ output }) => output)).toEqual(numbers.map((n) => ({ got: `no. ${n}`, n })));
    // Of 500 items first, of which 350 are different, and of 200.
    expect(provider.requests.map(({ queries }) => queries.length).sort()).toEqual([
      100, 100, 100, 100, 100, 50,
    ]);
    expect(new Set(provider.requests.map(({ workflowId, node }) => `${workflowId} ${node}`))).toEqual(
      new Set([`${id} g.asks`]),
    );
  });

  test('of many tasks that begin together is asked side by side', async () => {
    let go = () => {};
    const { world, provided } = await setupLookUps(coordinator);
    const provider = await provided({
      until: new Promise<void>((resolve) => {
        go = resolve;
      }),
    });
    const tasks = Array.from({ length: 70 }, (_, n) => ({
      ...{ taskId: `t${n}`, kind: 'k', lookups: { own: n }, input: '{{ lookups.own.found }}' },
    }));
    const id = await world.start({ groups: [{ groupId: 'g', tasks }] });
    await expect.poll(() => provider.requests.length).toBe(32);
    go();
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    expect(await world.context(id, 'outputs.g')).toEqual(
      Object.fromEntries(tasks.map(({ taskId }, n) => [taskId, n])),
    );
  });

  test('may come from the results of other tasks, which are waited for', async () => {
    const { world, provided } = await setupLookUps(coordinator);
    await provided();
    const id = await world.start({
      groups: [
        {
          groupId: 'g',
          tasks: [
            { taskId: 'first', kind: 'k', input: { word: 'tea' } },
            {
              taskId: 'then',
              kind: 'k',
              lookups: { like: '{{ results.g.first.word }}' },
              input: { is: '{{ lookups.like.found }}' },
            },
          ],
        },
      ],
    });
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    expect(await world.context(id, 'outputs.g.then')).toEqual({ is: 'tea' });
  });
});

describe('a look-up that fails', () => {
  test('fails its node and the workflow, which is retried once the provider is there', async () => {
    const { org, world, use, retry } = await setupLookUps(coordinator);
    const port = await ownPort();
    await use(`127.0.0.1:${port}`);
    await org.set('context_provider_timeout', '2s');
    const id = await world.start(lookingUp({ input: INPUT }));
    const failed = await world.ended(id);
    expect(stateOf(failed)).toBe('FAILED');
    expect(failed.reason).toMatch(/^LOOKUP_FAILED: g\.asks: lookups\.near: it cannot be reached: /);
    expect(failed.nodes.find(({ taskId }) => taskId === 'asks')?.reason).toMatch(
      /^LOOKUP_FAILED: lookups\.near: /,
    );
    expect(nodesOf(failed)).toMatchObject({ 'g.asks': 'FAILED', 'g.after': 'CANCELLED' });
    await org.set('context_provider_timeout', '20s');
    const provider = await startProvider({}, port);
    await retry(id);
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    expect(provider.requests.length).toBeGreaterThan(0);
    expect(await world.context(id, 'outputs.g.asks')).toEqual({ at: 'Rome' });
  });

  test('with CONTINUE is what its node failed by, and what depends on it goes on', async () => {
    const { world, provided } = await setupLookUps(coordinator);
    await provided({ answer: () => [error('out of ideas')] });
    const settings = { onFailure: 'ON_FAILURE_CONTINUE' };
    const ended = await world.ended(await world.start(lookingUp({ input: INPUT, settings })));
    expect(stateOf(ended)).toBe('PARTIAL');
    expect(nodesOf(ended)).toMatchObject({ 'g.asks': 'FAILED', 'g.after': 'SUCCEEDED' });
    expect(ended.nodes.find(({ taskId }) => taskId === 'asks')?.reason).toBe(
      'LOOKUP_FAILED: lookups.near: out of ideas',
    );
  });

  test('of later items leaves nothing open, and a retry makes those that are missing', async () => {
    const { world, provided, retry } = await setupLookUps(coordinator, { agents: false });
    const ran: JsonValue[] = [];
    await world.agent({ k: (input) => ran.push(input) });
    let bad = true;
    await provided({
      answer: (queries) =>
        queries.map(({ query }) => (bad && query === 509 ? error('not that one') : value(query))),
    });
    const id = await world.start(lookingUp(EACH, list(520)));
    const failed = await world.ended(id);
    expect(failed.reason).toBe('LOOKUP_FAILED: g.asks: lookups.near, of item 510: not that one');
    for await (const { state } of world.client.list({ workflowId: id })) {
      expect(['SUCCEEDED', 'CANCELLED']).toContain(state);
    }
    bad = false;
    await retry(id);
    expect(stateOf(await world.ended(id))).toBe('SUCCEEDED');
    const { task_results } = (await world.context(id, 'outputs.g.asks')) as { task_results: JsonObject[] };
    expect(task_results).toHaveLength(520);
    expect(new Set(ran.map((input) => JSON.stringify(input))).size).toBe(521);
  });

  test('for want of a provider is foretold, and told', async () => {
    const { world } = await setupLookUps(coordinator);
    const spec = lookingUp({ input: INPUT });
    const { problems, warnings } = await world.validate(spec);
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([
      { reason: 'NO_CONTEXT_PROVIDER', field: 'spec.groups[0].tasks[0].lookups' },
    ]);
    const ended = await world.ended(await world.start(spec));
    expect(ended.reason).toBe(
      'LOOKUP_FAILED: g.asks: lookups.near: the organisation has no context provider (parameter context_provider_address)',
    );
  });
});

test('look-ups are counted by what came of them', async () => {
  const { world, provided } = await setupLookUps(coordinator);
  const counted = async (outcome: string) => {
    const text = await (await fetch(`http://${coordinator.httpAddress}/metrics`)).text();
    return Number(
      new RegExp(`^reeve_lookups_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
    );
  };
  const [ok, wrong] = [await counted('ok'), await counted('WRONG_RESULT')];
  const provider = await provided();
  await world.ended(await world.start(lookingUp(EACH, list(7))));
  expect(await counted('ok')).toBe(ok + 7);
  provider.state.answer = () => [];
  await world.ended(await world.start(lookingUp(EACH, list(7))));
  expect(await counted('WRONG_RESULT')).toBe(wrong + 7);
});
