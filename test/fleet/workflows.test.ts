import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { nodesOf, stateOf, workflowWorld } from '../support/workflow-world.js';

/** Processes, each with a start. */
const TIMEOUT_MS = 120_000;

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

const CHAIN: JsonObject = {
  groups: [
    {
      groupId: 'g',
      tasks: [
        { taskId: 'a', kind: 'k', input: 'a' },
        { taskId: 'b', kind: 'k', input: 'b', dependsOn: ['a'] },
        { taskId: 'c', kind: 'k', input: 'c', dependsOn: ['b'] },
      ],
    },
  ],
};

test(
  'a workflow is followed on another coordinator than the one that it was started on, and its tasks run there',
  async () => {
    const [one = '', two = ''] = fleet.addresses;
    const here = workflowWorld(one);
    const there = workflowWorld(two, here.org);
    const workflowId = await here.start(CHAIN);
    const states: string[] = [];
    const seqs: bigint[] = [];
    let hasAgent = false;
    for await (const { workflow, events } of there.watch(workflowId, 0n)) {
      if (workflow) states.push(stateOf(workflow));
      seqs.push(...events.map(({ seq }) => seq));
      if (!hasAgent) await there.agent({ k: (input) => input });
      hasAgent = true;
    }
    expect(states.at(-1)).toBe('SUCCEEDED');
    expect(seqs).toEqual((await here.events(workflowId)).map(({ seq }) => seq));
    expect(await here.context(workflowId, 'outputs.g')).toEqual({ a: 'a', b: 'b', c: 'c' });
  },
  TIMEOUT_MS,
);

test(
  'what a coordinator had begun that is gone, the other goes on with, and nothing runs twice',
  async () => {
    const [one = '', two = ''] = fleet.addresses;
    const there = workflowWorld(two);
    const here = workflowWorld(one, there.org);
    const begun: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await there.agent({
      k: async (input) => {
        begun.push(String(input));
        if (input === 'b') await held;
        return input;
      },
    });
    const workflowId = await here.start(CHAIN);
    await expect.poll(() => begun).toEqual(['a', 'b']);
    await fleet.coordinators[0]?.kill();
    release();
    const ended = await there.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)['g.c'], begun]).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      ['a', 'b', 'c'],
    ]);
  },
  TIMEOUT_MS,
);
