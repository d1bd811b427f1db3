import { expect, test } from 'vitest';
import type { StrategyName } from '../../src/domain/selection/strategy-name.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { seededRandom } from '../support/seeded-random.js';
import { ExplainWorld, ORG } from './explain-world.js';

const STATES = 1_000;
const PARIS = { region: 'eu', location: { latitude: 48.9, longitude: 2.3 } };
const NO_LOAD = { cpu: null, memory: null, gpu: null, activeConnections: null, pendingTasks: null };
const requirements = { ...NO_REQUIREMENTS, capabilities: ['work'], prefer: PARIS };

/** Agents of random loads, and a task that is about to be given to one of them. */
async function aboutToChoose(seed: number, strategy: StrategyName) {
  const chance = seededRandom(seed);
  const int = (most: number) => Math.floor(chance() * (most + 1));
  const world = new ExplainWorld(seed, strategy);
  const agents = 2 + int(4);
  for (let i = 0; i < agents; i += 1) {
    const location = { latitude: int(170) - 85, longitude: int(350) - 175 };
    const slots = 16 + int(24);
    await world.connect(`agent-${i}`, {
      slots,
      spec: {
        location,
        region: int(1) === 0 ? 'eu' : 'us',
        weight: strategy === 'WEIGHTED_ROUND_ROBIN' ? 1 + int(4) : null,
      },
    });
    const cpu = int(80) / 100;
    await world.index.reportLoad(ORG, `agent-${i}`, { ...NO_LOAD, cpu, memory: cpu, gpu: cpu });
  }
  for (let left = int(12); left > 0; left -= 1) await world.submit({ kind: 'work', requirements });
  await world.dispatch();
  const taskId = await world.submit({ kind: 'work', requirements });
  return { world, taskId };
}

/** Whom the task goes to, and how that was chosen. */
async function chosen({ world, taskId }: Awaited<ReturnType<typeof aboutToChoose>>) {
  await world.dispatch();
  const { agentId } = await world.task(taskId);
  const { selection } = await world.explain(taskId);
  if (agentId === null || !selection) throw new Error(`${taskId} was not given out`);
  return { agentId, selection };
}

/** Makes one that was chosen cost more than the one that would have been next. */
const WORSEN: Partial<Record<StrategyName, (world: ExplainWorld, agentId: string) => Promise<void>>> = {
  LEAST_CONNECTIONS: carryMore,
  SHORTEST_EXPECTED: carryMore,
  RESOURCE_BASED: carryMore,
  async ROUND_ROBIN(world, agentId) {
    await world.submit({
      kind: 'other',
      source: 'HUMAN',
      requirements: { ...NO_REQUIREMENTS, agentId, capabilities: ['work'] },
    });
    await world.dispatch(1);
  },
  async GEOGRAPHIC(world, agentId) {
    const agent = world.agents.get(agentId);
    if (!agent) throw new Error(`${agentId} is not there`);
    const spec = { ...agent.spec, region: 'nowhere', location: { latitude: -48.9, longitude: -177.7 } };
    await world.index.putInstance({ org: ORG, sessionId: agentId, spec, slots: agent.slots, held: [] });
  },
};

async function carryMore(world: ExplainWorld, agentId: string): Promise<void> {
  const agent = world.agents.get(agentId);
  if (!agent) throw new Error(`${agentId} is not there`);
  // As many as take the figure of every strategy that goes by load past that of any other.
  const held = Array.from({ length: 3 * agent.slots }, (_, i) => ({
    org: ORG,
    taskId: `more-${i}`,
    epoch: 1,
  }));
  await world.index.putInstance({ org: ORG, sessionId: agentId, spec: agent.spec, slots: agent.slots, held });
}

test.each(Object.keys(WORSEN) as StrategyName[])(
  '%s: the one that was chosen costs least, and made to cost more than the next it is not chosen',
  async (strategy) => {
    let compared = 0;
    let ties = 0;
    for (let seed = 1; seed <= STATES; seed += 1) {
      const before = await chosen(await aboutToChoose(seed, strategy));
      const { selection } = before;
      expect(selection.agentId).toBe(before.agentId);
      if (selection.runner_up === undefined) continue;
      expect(selection.cost).toBeLessThanOrEqual(selection.runner_up_cost ?? 0);
      if (selection.tie !== undefined) ties += 1;
      expect(selection.tie !== undefined).toBe(selection.cost === selection.runner_up_cost);
      const again = await aboutToChoose(seed, strategy);
      await WORSEN[strategy]?.(again.world, before.agentId);
      expect((await chosen(again)).agentId, `seed ${seed}`).toBe(selection.runner_up);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(STATES / 2);
    expect(ties).toBeLessThan(compared);
  },
  120_000,
);

test('WEIGHTED_ROUND_ROBIN: the figures are those by which it compares', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const made = await aboutToChoose(seed, 'WEIGHTED_ROUND_ROBIN');
    const { candidates } = await made.world.explain(made.taskId);
    const least = [...candidates].filter(({ free }) => free).sort((a, b) => (a.cost ?? 0) - (b.cost ?? 0));
    const { selection } = await chosen(made);
    expect(selection.cost).toBeCloseTo(least[0]?.cost ?? Number.NaN, 9);
    expect(selection.runner_up_cost).toBeCloseTo(least[1]?.cost ?? Number.NaN, 9);
  }
});
