import { expect, test } from 'vitest';
import { bestEta } from '../../../bench/decisions/selection/best-eta.js';
import { leastConnections } from '../../../bench/decisions/selection/by-cost.js';
import type { AgentTruth, Job } from '../../../bench/decisions/selection/fleet.js';
import type { Placer } from '../../../bench/decisions/selection/placer.js';
import { runSelection, type World } from '../../../bench/decisions/selection/run-selection.js';

const agent = (agentId: string, over: Partial<AgentTruth> = {}): AgentTruth => {
  return { agentId, slots: 1, kinds: new Set(['k']), speed: 1, ...over };
};
const job = (taskId: string, release: number, workMs: number): Job => {
  return { taskId, release, workMs, kind: 'k', rolls: [], affinity: null };
};
const succeeds: World['fateOf'] = ({ workMs }, { speed }) => ({ tookMs: workMs / speed, succeeds: true });
const ends = (endings: ReturnType<typeof runSelection>) =>
  Object.fromEntries(endings.map(({ job: { taskId }, ended }) => [taskId, ended]));

test('tasks go first come, first served to agents that are free', () => {
  const jobs = [job('a', 0, 100), job('b', 10, 100), job('c', 20, 10)];
  const endings = runSelection(jobs, leastConnections(), { agents: [agent('x')], fateOf: succeeds });
  expect(ends(endings)).toEqual({ a: 100, b: 200, c: 210 });
});

test('what an agent had that went is begun anew when its lease is over', () => {
  const absences = [{ agentId: 'x', from: 50, to: 1_000 }];
  const world = { agents: [agent('x')], fateOf: succeeds, absences };
  const [ending] = runSelection([job('a', 0, 100)], leastConnections(), world);
  // A lease of 60 s, the backoff of 1 s less a tenth, and the task.
  expect(ending).toMatchObject({ ended: 50 + 60_000 + 900 + 100, attempts: 2, outcome: 'SUCCEEDED' });
});

test('an agent that goes unheard keeps what it has and gets nothing more', () => {
  const absences = [{ agentId: 'x', from: 50, to: 1_000, keeps: true as const }];
  const world = { agents: [agent('x')], fateOf: succeeds, absences };
  const jobs = [job('a', 0, 100), job('b', 60, 100)];
  expect(ends(runSelection(jobs, leastConnections(), world))).toEqual({ a: 100, b: 1_100 });
});

test('a task is dead-lettered after its attempts', () => {
  const fateOf = () => ({ tookMs: 10, succeeds: false });
  const [ending] = runSelection([job('a', 0, 10)], leastConnections(), { agents: [agent('x')], fateOf });
  expect(ending).toMatchObject({ outcome: 'DEAD_LETTER', attempts: 3 });
});

/** Holds one task for an agent, whoever else is free. */
function holding(taskId: string, agentId: string, forMs: number): Placer {
  const inner = leastConnections();
  return {
    ...inner,
    place(one, placing) {
      const held = placing.eligible.find((other) => other.agentId === agentId);
      const waits = one.taskId === taskId && placing.mayWait && held !== undefined;
      return waits ? { agent: held, until: placing.now + forMs } : inner.place(one, placing);
    },
  };
}

test('a task that is held for an agent goes there as soon as that is free, before others', () => {
  const agents = [agent('x'), agent('y', { kinds: new Set(['k', 'other']) })];
  const jobs = [{ ...job('a', 0, 100), kind: 'other' }, job('b', 10, 50), job('c', 20, 500), job('d', 30, 5)];
  const endings = runSelection(jobs, holding('b', 'y', 200), { agents, fateOf: succeeds });
  // `c` has the other one meanwhile, and `d` comes after `b`.
  expect(ends(endings)).toEqual({ a: 100, b: 150, d: 155, c: 520 });
});

test('a task that is held in vain takes its place again', () => {
  const agents = [agent('x'), agent('y', { kinds: new Set(['k', 'other']) })];
  const jobs = [{ ...job('a', 0, 1_000), kind: 'other' }, job('b', 10, 50)];
  const endings = runSelection(jobs, holding('b', 'y', 200), { agents, fateOf: succeeds });
  expect(ends(endings)).toEqual({ b: 260, a: 1_000 });
});

test('the oracle waits for a fast agent where that ends a task sooner', () => {
  const agents = [agent('slow', { speed: 0.1 }), agent('fast', { speed: 2 })];
  const jobs = [job('a', 0, 100), job('b', 1, 100)];
  expect(ends(bestEta(jobs, { agents, fateOf: succeeds }))).toEqual({ a: 50, b: 100 });
  expect(ends(runSelection(jobs, leastConnections(), { agents, fateOf: succeeds })).a).toBe(1_000);
});
