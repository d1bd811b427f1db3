import type { AgentIntent } from '../../src/domain/agents/agent.js';
import type { Blocker, Change } from '../../src/domain/explain/explanation.js';
import { newAgent } from '../../src/domain/explain/ways.js';
import type { QueuePart } from '../../src/domain/queues/queue-part.js';
import { STRATEGY_NAMES } from '../../src/domain/selection/strategy-name.js';
import { NO_REQUIREMENTS, type Requirements } from '../../src/domain/tasks/requirements.js';
import type { Task } from '../../src/domain/tasks/task.js';
import { TIER_AGING, TIERS } from '../../src/domain/tasks/tier.js';
import { seededRandom } from '../support/seeded-random.js';
import { ExplainWorld } from './explain-world.js';

const CAPABILITIES = ['a', 'b', 'c'];
const REGIONS = ['eu', 'us'];
const WAITING = new Set(['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED']);

/** A state at rest, the same for the same seed, and a task of it that waits; `null`: none does. */
export async function randomState(
  seed: number,
): Promise<{ readonly world: ExplainWorld; readonly taskId: string } | null> {
  const chance = seededRandom(seed);
  const int = (most: number) => Math.floor(chance() * (most + 1));
  const one = <T>(list: readonly T[]): T => list[int(list.length - 1)] as T;
  const is = (share: number) => chance() < share;
  const world = new ExplainWorld(seed, is(0.5) ? 'LEAST_CONNECTIONS' : one(STRATEGY_NAMES));

  const requirements = (): Requirements => ({
    ...NO_REQUIREMENTS,
    capabilities: CAPABILITIES.filter(() => is(0.35)).concat('work'),
    region: is(0.15) ? one(REGIONS) : null,
    agentType: is(0.1) ? 'PROVIDER' : null,
    minHealth: is(0.1) ? 0.95 : null,
    agentId: is(0.07) ? `agent-${int(6)}` : null,
  });
  const part = (): QueuePart => ({
    tier: is(0.4) ? one(TIERS) : null,
    kind: is(0.4) ? one(['k', 'l']) : null,
  });

  const agents = is(0.08) ? 0 : 1 + int(5);
  for (let i = 0; i < agents; i += 1) {
    const slots = 1 + int(2);
    const intent: AgentIntent = is(0.85) ? 'ACTIVE' : one(['DRAINING', 'INACTIVE'] as const);
    await world.connect(`agent-${i}`, {
      slots,
      granted: is(0.8) ? slots : int(slots),
      condition: { health: is(0.85) ? 1 : one([0.9, 0.3]), intent },
      spec: {
        capabilities: CAPABILITIES.filter(() => is(0.6)).concat('work'),
        region: is(0.7) ? one(REGIONS) : null,
        agentType: is(0.2) ? 'PROVIDER' : 'WORKER',
      },
    });
  }
  if (is(0.2)) await failAgain(world, one(['k', 'l']));

  const submitSome = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      const { tasks } = world;
      const on = tasks.length > 0 && is(0.15) ? [one(tasks)] : [];
      const spec = {
        kind: one(['k', 'k', 'l']),
        tier: one(TIERS),
        source: is(0.1) ? ('HUMAN' as const) : ('AUTOMATED' as const),
        requirements: requirements(),
        dependencies: on.map((taskId) => ({ taskId, runAnyway: is(0.3) })),
        runAt: is(0.1) ? world.clock.now() + 1_000 + int(60_000) : null,
      };
      await world.submit(spec, is(0.08));
      world.clock.advance(int(50));
    }
  };
  if (is(0.12)) await world.hold(part());
  await submitSome(1 + int(9));
  if (is(0.9)) await world.dispatch();
  for (const { taskId } of [...world.claimed]) {
    if ((await world.task(taskId)).state !== 'ASSIGNED' || !is(0.3)) continue;
    if (is(0.4)) await world.settle(taskId, 'SUCCEEDED', is(0.8));
    else await world.giveBack(taskId);
  }
  await world.advance(int(4_000));
  if (is(0.15)) await world.hold(part());
  await submitSome(int(9));
  if (is(0.08)) await world.hold(part());
  await world.dispatch();

  const waiting: string[] = [];
  for (const taskId of world.tasks) if (WAITING.has((await world.task(taskId)).state)) waiting.push(taskId);
  return waiting.length === 0 ? null : { world, taskId: one(waiting) };
}

/** One agent fails a kind of task again and again that another does well, until it is held back. */
async function failAgain(world: ExplainWorld, kind: string): Promise<void> {
  const active = [...world.agents].filter(
    ([, { condition, granted }]) => condition.intent === 'ACTIVE' && condition.health === 1 && granted > 0,
  );
  const [bad, good] = active.map(([id]) => id);
  if (bad === undefined || good === undefined) return;
  const run = async (agentId: string, outcome: 'SUCCEEDED' | 'FAILED') => {
    const taskId = await world.submit({ kind, requirements: { ...NO_REQUIREMENTS, agentId } });
    await world.dispatch();
    world.clock.advance(20);
    if ((await world.task(taskId)).state === 'ASSIGNED') await world.settle(taskId, outcome);
    else await world.cancel(taskId);
  };
  await run(good, 'SUCCEEDED');
  for (let i = 0; i < 3; i += 1) await run(bad, 'FAILED');
}

/** Does what a blocker of a task asks for. */
export async function apply(world: ExplainWorld, taskId: string, change: Change): Promise<void> {
  switch (change.kind) {
    case 'ADD_AGENT': {
      const spec = newAgent(change.requirements);
      await world.connect(spec.agentId || 'added', { spec, slots: 1 }, 'added');
      return;
    }
    case 'ACTIVATE_AGENT':
    case 'HEAL_AGENT': {
      const condition = world.agents.get(change.agentId)?.condition;
      if (!condition) throw new Error(`${change.agentId} is not connected`);
      const fixed = change.kind === 'HEAL_AGENT' ? { health: 1 } : { intent: 'ACTIVE' as const };
      await world.setCondition(change.agentId, { ...condition, ...fixed });
      return;
    }
    case 'FREE_SLOT':
      await world.grant(change.agentIds[0] as string, 1);
      return;
    case 'RESUME_QUEUE':
      await world.resume(change.part);
      return;
    case 'FINISH_TASKS':
      for (const on of change.taskIds) await succeed(world, on);
      return;
    case 'WAIT_UNTIL':
      await world.advance(Math.max(0, change.time - world.clock.now()));
      return;
    case 'AHEAD_LEAVE':
      for (const ahead of change.taskIds) await giveElsewhere(world, ahead);
      return;
    case 'APPROVE':
      await world.approve(taskId);
      return;
    case 'CHOOSE_AGENT':
    case 'SET_POLICY':
    case 'DIRECTORY_ANSWERS':
      return;
  }
}

/** A change that nobody can make. */
export class Impossible extends Error {}

/** A task succeeds, whatever that takes: what it waits for does so too. */
async function succeed(world: ExplainWorld, taskId: string): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const task = await world.task(taskId);
    // What it waits for is skipped as soon as it is approved: nobody can make it succeed.
    if (turn > 20) throw new Impossible(taskId);
    switch (task.state) {
      case 'AWAITING_APPROVAL':
        await world.approve(taskId);
        break;
      case 'BLOCKED':
        for (const { taskId: on } of task.spec.dependencies) await succeed(world, on);
        break;
      case 'SCHEDULED':
        await beginNow(world, task);
        break;
      case 'QUEUED':
        await giveElsewhere(world, taskId);
        break;
      case 'ASSIGNED':
      case 'RUNNING':
        await world.settle(taskId, 'SUCCEEDED');
        break;
      default:
        return;
    }
  }
}

/** Somebody gets it who is not of this world. */
async function giveElsewhere(world: ExplainWorld, taskId: string): Promise<void> {
  const { org, seq } = await world.task(taskId);
  await world.record.claimTasks([
    { org, taskId, agentId: 'elsewhere', acceptWithinMs: 60_000, requestId: null },
  ]);
  await world.index.remove([{ org, taskId, seq: seq + 1 }]);
}

/** It need not wait for its time any more. */
async function beginNow(world: ExplainWorld, { org, taskId, seq, tier, spec }: Task): Promise<void> {
  const { labels, requirements, deadline, body } = spec;
  const same = { tier, labels, requirements, deadline, body, headStartMs: TIER_AGING[tier] };
  const change = { org, taskId, seq, ...same, runAt: null, reschedules: true, actor: '', detail: {} };
  const [outcome] = await world.record.updateTasks([change]);
  if (outcome?.kind !== 'OK') throw new Error(`not updated: ${JSON.stringify(outcome)}`);
  await world.place([outcome]);
}

/** Whether the effect of a blocker has come. */
export async function hasEffect(world: ExplainWorld, taskId: string, { effect }: Blocker): Promise<boolean> {
  await world.dispatch();
  const { state, epoch } = await world.task(taskId);
  const isGiven = state === 'ASSIGNED' || state === 'RUNNING' || (epoch > 0 && state === 'SUCCEEDED');
  return isGiven || (effect.kind === 'STATE' && state === effect.state);
}
