import { byScore, type Scored } from '../../../src/domain/order/by-band-and-score.js';
import { afterFailure, DEFAULT_RETRY, type RetryPolicy } from '../../../src/domain/tasks/retry.js';
import { Sorted } from '../sorted.js';
import { VirtualTime } from '../virtual-time.js';
import { type Agent, type AgentTruth, type Attempt, agentOf, type Fate, isFree, type Job } from './fleet.js';
import type { Placer } from './placer.js';

/** How a job went. */
export interface Ending {
  readonly job: Job;
  readonly ended: number;
  /** When its last attempt began. */
  readonly began: number;
  readonly attempts: number;
  readonly outcome: 'SUCCEEDED' | 'DEAD_LETTER';
}

/** An agent gets nothing for a while. */
export interface Absence {
  readonly agentId: string;
  readonly from: number;
  readonly to: number;
  /** What it has goes on; left out: it is lost with it. */
  readonly keeps?: true;
}

export interface World {
  readonly agents: readonly AgentTruth[];
  readonly fateOf: (job: Job, agent: AgentTruth, attempt: number, now: number) => Fate;
  readonly absences?: readonly Absence[];
  /** What can run once a job has ended. */
  readonly followers?: (job: Job, now: number) => readonly Job[];
  readonly retry?: RetryPolicy;
  /** Is told of each choice, with those who were free for it. */
  readonly onChoice?: (job: Job, agent: Agent, free: readonly Agent[]) => void;
  /** Is told of each attempt that is over. */
  readonly onAttempt?: (attempt: Attempt, agent: Agent, outcome: 'SUCCEEDED' | 'FAILED') => void;
}

/** What nobody renews any more is given to others after this: the product's default lease. */
const LEASE_MS = 60_000;

interface Waiting extends Scored {
  readonly job: Job;
}

/** Runs jobs on agents that differ, first come, first served in lanes by kind, until all have ended. */
export function runSelection(jobs: readonly Job[], placer: Placer, world: World): readonly Ending[] {
  const time = new VirtualTime();
  const agents = new Map(world.agents.map((truth) => [truth.agentId, agentOf(truth)]));
  const eligible = new Map<string, readonly Agent[]>();
  const lanes = new Map<string, Sorted<Waiting>>();
  const attempts = new Map<string, { failed: number; lastAgentId: string | null; waited: boolean }>();
  const endings: Ending[] = [];
  const retry = world.retry ?? DEFAULT_RETRY;
  let submitted = 0;
  let choices = 0;
  let wakes = Number.POSITIVE_INFINITY;

  const eligibleFor = (kind: string): readonly Agent[] => {
    const known = eligible.get(kind) ?? [...agents.values()].filter(({ truth }) => truth.kinds.has(kind));
    eligible.set(kind, known);
    return known;
  };
  const historyOf = ({ taskId }: Job) => {
    const known = attempts.get(taskId) ?? { failed: 0, lastAgentId: null, waited: false };
    attempts.set(taskId, known);
    return known;
  };

  /** Who failed it may not be who is to have it: such tasks hold up no others. */
  const laneOf = (job: Job) => `${job.kind}/${historyOf(job).lastAgentId ?? ''}`;

  const queue = (job: Job) => {
    const name = laneOf(job);
    const lane = lanes.get(name) ?? new Sorted<Waiting>(byScore);
    lanes.set(name, lane);
    lane.add({ taskId: job.taskId, score: job.release, job });
  };

  const here = (job: Job, eligible: readonly Agent[]) => {
    const first = lanes.get(laneOf(job))?.first();
    const turnInMs = first ? time.now - first.score : 0;
    return { now: time.now, free: eligible.filter(isFree), eligible, turnInMs };
  };

  /** Somebody may be worth waiting for, whatever comes before it. */
  const enter = (job: Job) => {
    const all = eligibleFor(job.kind);
    const placing = { ...here(job, all), lastAgentId: null, mayWait: true };
    const held = placer.holdFor?.(job, placing);
    if (held) hold(job, held.agent, held.until);
    else queue(job);
  };

  const submit = (job: Job) => {
    submitted += 1;
    time.at(job.release, () => {
      enter(job);
      dispatch();
    });
  };

  const begin = (job: Job, agent: Agent) => {
    const number = historyOf(job).failed + 1;
    const { tookMs, succeeds } = world.fateOf(job, agent.truth, number, time.now);
    const attempt = { job, number, began: time.now, ends: time.now + tookMs };
    agent.running.add(attempt);
    agent.inFlight += 1;
    choices += 1;
    agent.lastChosen = choices;
    time.after(tookMs, () => {
      if (!agent.running.has(attempt)) return;
      leave(attempt, agent);
      over(attempt, agent, succeeds ? 'SUCCEEDED' : 'FAILED');
    });
  };

  const leave = (attempt: Attempt, agent: Agent) => {
    agent.running.delete(attempt);
    agent.inFlight -= 1;
  };

  const over = (attempt: Attempt, agent: Agent, outcome: 'SUCCEEDED' | 'FAILED') => {
    const { job, began, number } = attempt;
    world.onAttempt?.(attempt, agent, outcome);
    placer.ended(job, agent, outcome, began, time.now);
    if (outcome === 'SUCCEEDED') end(job, began, number, outcome);
    else failed(attempt, agent);
    dispatch();
  };

  const failed = ({ job, began, number }: Attempt, { agentId }: Agent) => {
    const history = historyOf(job);
    Object.assign(history, { failed: number, lastAgentId: agentId, waited: false });
    const { to, delayMs } = afterFailure(retry, number, true, 0.5);
    if (to !== 'SCHEDULED') return end(job, began, number, 'DEAD_LETTER');
    time.after(delayMs, () => {
      queue(job);
      dispatch();
    });
  };

  const end = (job: Job, began: number, number: number, outcome: Ending['outcome']) => {
    endings.push({ job, ended: time.now, began, attempts: number, outcome });
    attempts.delete(job.taskId);
    for (const next of world.followers?.(job, time.now) ?? []) submit(next);
  };

  const dispatch = () => {
    for (const agent of agents.values()) {
      if (!agent.held || !isFree(agent)) continue;
      const job = agent.held;
      agent.held = null;
      begin(job, agent);
    }
    const passed = new Set<Sorted<Waiting>>();
    for (let lane = nextLane(passed); lane; lane = nextLane(passed)) {
      const job = (lane.first() as Waiting).job;
      const all = eligibleFor(job.kind);
      const history = historyOf(job);
      const { lastAgentId, waited } = history;
      const placing = { ...here(job, all), lastAgentId, mayWait: !waited };
      const placement = placer.place(job, placing);
      if (!placement) {
        passed.add(lane);
        continue;
      }
      lane.take();
      world.onChoice?.(job, placement.agent, placing.free);
      if (placement.until === undefined) begin(job, placement.agent);
      else hold(job, placement.agent, placement.until);
    }
    wake();
  };

  /** The one whose first task has waited longest, of those that somebody is free for. */
  const nextLane = (passed: ReadonlySet<Sorted<Waiting>>): Sorted<Waiting> | undefined => {
    let best: Sorted<Waiting> | undefined;
    for (const lane of lanes.values()) {
      const first = lane.first();
      if (!first || passed.has(lane) || !eligibleFor(first.job.kind).some(isFree)) continue;
      const other = best?.first();
      if (!other || byScore(first, other) < 0) best = lane;
    }
    return best;
  };

  const hold = (job: Job, agent: Agent, until: number) => {
    if (agent.held) throw new Error(`${agent.agentId} is waited for by two`);
    agent.held = job;
    historyOf(job).waited = true;
    time.at(until, () => {
      if (agent.held !== job) return;
      agent.held = null;
      queue(job);
      dispatch();
    });
  };

  const wake = () => {
    const at = placer.wakesAt?.(time.now) ?? null;
    if (at === null || (wakes > time.now && wakes <= at)) return;
    wakes = at;
    time.at(at, dispatch);
  };

  const goes = (agent: Agent, keeps: boolean) => {
    agent.isUp = false;
    const { held } = agent;
    agent.held = null;
    if (held) queue(held);
    for (const attempt of keeps ? [] : [...agent.running]) {
      leave(attempt, agent);
      time.after(LEASE_MS, () => over(attempt, agent, 'FAILED'));
    }
    dispatch();
  };

  for (const { agentId, from, to, keeps = false } of world.absences ?? []) {
    const agent = agents.get(agentId);
    if (!agent) throw new Error(`no agent ${agentId}`);
    time.at(from, () => goes(agent, keeps));
    time.at(to, () => {
      Object.assign(agent, { isUp: true, since: time.now });
      dispatch();
    });
  }
  for (const job of jobs) submit(job);
  time.run();
  if (endings.length !== submitted) throw new Error(`${submitted - endings.length} jobs never ended`);
  return endings;
}
