import { type Prospect, warmChoice } from '../../../src/domain/selection/affinity.js';
import { firstOverMs } from '../../../src/domain/selection/remaining-time.js';
import { WarmAgents } from '../../../src/domain/selection/warm-agents.js';
import { type Records, unhindered } from './by-strategy.js';
import { type Agent, isFree, type Job } from './fleet.js';
import type { Placer, Placing } from './placer.js';

/**
 * What the product adds to a strategy: tasks of an affinity key go to agents that did one lately.
 *
 * @param coldStartMs the parameter; infinite: a warm agent is waited for however long that takes
 */
export function withAffinity(inner: Placer, records: Records, coldStartMs: number): Placer {
  const warm = new WarmAgents();

  const takesMs = (job: Job, agentId: string) => {
    const kind = records.of(job.kind);
    const { speed, successRate } = kind.measured(agentId);
    return (kind.durations?.meanMs ?? 0) / (speed * successRate);
  };
  const freeInMs = (agent: Agent, now: number) => {
    const all = [...agent.running].map(({ job, began }) => {
      const { durations } = records.of(job.kind);
      const expectedMs = (durations?.meanMs ?? 0) / records.of(job.kind).measured(agent.agentId).speed;
      return { expectedMs, sinceMs: now - began, spread: durations?.spread ?? 1 };
    });
    return Math.max(1, firstOverMs(all));
  };
  const prospect = (job: Job, agent: Agent, now: number): Prospect => ({
    agentId: agent.agentId,
    freeInMs: isFree(agent) ? 0 : freeInMs(agent, now),
    takesMs: takesMs(job, agent.agentId),
    isAwaited: agent.held !== null,
  });

  const choose = (job: Job, placing: Placing, other: Agent | null) => {
    const choice = warmChoice(
      candidates(job, placing).map((agent) => prospect(job, agent, placing.now)),
      other && { takesMs: takesMs(job, other.agentId) },
      coldStartMs,
      placing.turnInMs,
    );
    const agent = placing.eligible.find(({ agentId }) => agentId === choice?.agentId);
    return choice && agent ? { agent, until: placing.now + Math.min(choice.forMs, FOREVER) } : null;
  };

  return {
    place(job, placing) {
      const placed = inner.place(job, placing);
      const choice = job.affinity === null ? null : choose(job, placing, placed?.agent ?? null);
      if (!choice) return placed;
      if (choice.until === placing.now) return { agent: choice.agent };
      return placing.mayWait ? choice : placed;
    },
    holdFor(job, placing) {
      const isHeld = job.affinity !== null && placing.free.length === 0;
      return isHeld ? choose(job, placing, null) : null;
    },
    ended(job, agent, outcome, began, now) {
      inner.ended(job, agent, outcome, began, now);
      if (job.affinity !== null && outcome === 'SUCCEEDED') warm.used(job.affinity, agent.agentId, now);
    },
    wakesAt: (now) => inner.wakesAt?.(now) ?? null,
  };

  /** Warm ones that the guard does not keep it from. */
  function candidates(job: Job, { now, eligible, lastAgentId }: Placing): readonly Agent[] {
    const up = eligible.filter(({ isUp }) => isUp);
    const may = unhindered(records.of(job.kind), { now, free: up, eligible, lastAgentId });
    const byId = new Map(may.map((agent) => [agent.agentId, agent]));
    return warm.of(job.affinity ?? '', now).flatMap((agentId) => byId.get(agentId) ?? []);
  }
}

const FOREVER = 1e12;
