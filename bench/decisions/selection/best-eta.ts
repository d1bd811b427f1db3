import { afterFailure, DEFAULT_RETRY } from '../../../src/domain/tasks/retry.js';
import { VirtualTime } from '../virtual-time.js';
import type { AgentTruth, Job } from './fleet.js';
import type { Ending, World } from './run-selection.js';

/**
 * Gives each task, as it comes, to the agent that will end it first, whether or not that is free: by how fast agents
 * really are, how long the task will really take, and all that they were given before. Nobody can know that.
 */
export function bestEta(
  jobs: readonly Job[],
  { agents, fateOf, retry = DEFAULT_RETRY }: World,
): readonly Ending[] {
  const time = new VirtualTime();
  const endings: Ending[] = [];
  const freeAt = new Map(agents.map((agent) => [agent, Array.from({ length: agent.slots }, () => 0)]));

  const beginOn = (agent: AgentTruth) => Math.max(time.now, Math.min(...(freeAt.get(agent) ?? [])));
  const place = (job: Job, number: number) => {
    let best: { readonly agent: AgentTruth; readonly ends: number } | undefined;
    for (const agent of agents) {
      if (!agent.kinds.has(job.kind)) continue;
      const ends = beginOn(agent) + fateOf(job, agent, number, time.now).tookMs;
      if (!best || ends < best.ends) best = { agent, ends };
    }
    if (!best) throw new Error(`nobody may do ${job.taskId}`);
    const { agent, ends } = best;
    const began = beginOn(agent);
    const slots = freeAt.get(agent) ?? [];
    slots[slots.indexOf(Math.min(...slots))] = ends;
    const { succeeds } = fateOf(job, agent, number, time.now);
    const { to, delayMs } = succeeds
      ? { to: 'SUCCEEDED' as const, delayMs: 0 }
      : afterFailure(retry, number, true, 0.5);
    time.at(ends + delayMs, () => {
      if (to === 'SCHEDULED') place(job, number + 1);
      else
        endings.push({
          job,
          ended: time.now,
          began,
          attempts: number,
          outcome: succeeds ? 'SUCCEEDED' : 'DEAD_LETTER',
        });
    });
  };
  for (const job of jobs) time.at(job.release, () => place(job, 1));
  time.run();
  return endings;
}
