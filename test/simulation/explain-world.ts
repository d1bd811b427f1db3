import { readFacts } from '../../src/api/services/explain-facts.js';
import type { AgentSpec } from '../../src/domain/agents/agent.js';
import type { Condition } from '../../src/domain/agents/eligibility.js';
import { explain } from '../../src/domain/explain/explain-task.js';
import type { Explanation } from '../../src/domain/explain/explanation.js';
import type { OrgLimits } from '../../src/domain/limits/org-limits.js';
import type { QueuePart } from '../../src/domain/queues/queue-part.js';
import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import type { StrategyName } from '../../src/domain/selection/strategy-name.js';
import { bandOf } from '../../src/domain/tasks/source.js';
import type { Task, TaskSpec } from '../../src/domain/tasks/task.js';
import { TIER_AGING } from '../../src/domain/tasks/tier.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { NO_ORG_RULES } from '../../src/ports/org-rules.js';
import { NO_PLAN_TRIES } from '../../src/ports/plan-tries.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { Moved, TaskRecord } from '../../src/ports/task-record.js';
import { FakeClock } from '../support/fake-clock.js';
import { NO_POLICIES } from '../support/no-policies.js';
import { plainSpec } from '../support/plain-task.js';
import { seededRandom } from '../support/seeded-random.js';
import { RULES } from './coordinator.js';
import { SettableLimits } from './settable-limits.js';

export const ORG = 'acme';
const MINUTE = 60_000;

/** An agent with one process, whose session has its name. */
export interface SimulatedAgent {
  spec: AgentSpec;
  condition: Condition;
  slots: number;
  granted: number;
}

/** How a process connects. */
export interface Connection extends Omit<SimulatedAgent, 'spec'> {
  readonly spec: Partial<AgentSpec>;
}

/** An organisation on the real index and the real record in memory, without coordinators, streams and faults. */
export class ExplainWorld {
  readonly clock = new FakeClock();
  readonly record: TaskRecord = createMemoryTaskRecord(this.clock);
  readonly agents = new Map<string, SimulatedAgent>();
  readonly tasks: string[] = [];
  readonly holds = new Map<string, QueuePart>();
  /** Reservations that became claims, newest last. */
  readonly claimed: Reservation[] = [];
  readonly limits = new SettableLimits();
  readonly index: MemoryIndex;
  #ids = 0;

  constructor(seed: number, strategy: StrategyName = 'LEAST_CONNECTIONS') {
    const quiet = () => undefined;
    this.index = new MemoryIndex({
      clock: this.clock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      random: seededRandom(seed),
      strategyOf: () => STRATEGIES[strategy],
      minHealth: 0.5,
      orderTerms: this.limits.terms,
      reportsLastMs: MINUTE,
    });
  }

  /** What the organisation lets run; what runs is known. */
  async setLimits(over: Partial<OrgLimits>): Promise<void> {
    this.limits.change(ORG, over);
    await this.index.setRunning(ORG, [], []);
  }

  /** A process of an agent connects. @param sessionId default: the agent's first */
  async connect(agentId: string, over: Partial<Connection> = {}, sessionId = agentId): Promise<void> {
    const { slots = 1, granted = slots, condition = { health: 1, intent: 'ACTIVE' } } = over;
    const spec = { ...PLAIN_AGENT, ...over.spec, agentId };
    this.agents.set(sessionId, { spec, slots, granted, condition });
    await this.index.putInstance({ org: ORG, sessionId, spec, slots, held: [] });
    await this.setCondition(agentId, condition);
    await this.index.grant(sessionId, granted);
  }

  async setCondition(agentId: string, condition: Condition): Promise<void> {
    const agent = this.agents.get(agentId);
    if (agent) agent.condition = condition;
    await this.index.setEligibility(ORG, agentId, condition.health, condition.intent);
  }

  /** It takes so many more tasks. */
  async grant(agentId: string, more: number): Promise<void> {
    const agent = this.#agent(agentId);
    agent.granted += more;
    await this.index.grant(agentId, agent.granted);
  }

  async hold(part: QueuePart): Promise<void> {
    const name = `pause ${part.tier} ${part.kind}`;
    this.holds.set(name, part);
    await this.index.hold(ORG, part, name);
  }

  async resume({ tier, kind }: QueuePart): Promise<void> {
    for (const [name, part] of this.holds) {
      if (part.tier !== tier || part.kind !== kind) continue;
      this.holds.delete(name);
      await this.index.unhold(ORG, name);
    }
  }

  /** @param awaits a person has to approve it first */
  async submit(over: Partial<TaskSpec>, awaits = false): Promise<string> {
    this.#ids += 1;
    const taskId = `01890000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
    const spec = plainSpec(over.kind ?? 'work', over);
    const now = this.clock.now();
    const headStartMs = TIER_AGING[spec.tier];
    const runTime = spec.runAt !== null && spec.runAt > now ? spec.runAt : null;
    const score = (runTime ?? now) - headStartMs;
    const common = { org: ORG, taskId, spec, createTime: now, request: null, actor: 'alice', claim: null };
    const admission = awaits ? { ...ASKED, dueTime: now + 60 * MINUTE } : ({ kind: 'ACCEPTED' } as const);
    const task = { ...common, runTime, score, headStartMs, admission };
    const [outcome] = await this.record.submitTasks([task]);
    if (outcome?.kind !== 'SUBMITTED') throw new Error(`not submitted: ${JSON.stringify(outcome)}`);
    this.tasks.push(taskId);
    const { seq, state } = outcome.change;
    const { kind, tier, requirements } = spec;
    const band = bandOf(spec.source);
    const ready = { org: ORG, taskId, seq, band, tier, score, kind, requirements, lastAgentId: null };
    if (state === 'QUEUED') await this.index.add([{ ...ready, score: outcome.score, band: outcome.band }]);
    if (state === 'SCHEDULED') await this.index.delay([{ org: ORG, taskId, seq, tier, due: runTime ?? now }]);
    await this.place(outcome.urged);
    return taskId;
  }

  /** What a change has moved comes to its place in the index. */
  async place(moved: readonly Moved[]): Promise<void> {
    for (const { change, ready, runTime } of moved) {
      if (ready && change.state === 'QUEUED') await this.index.add([ready]);
      else if (ready && runTime !== null) {
        await this.index.delay([
          { org: ORG, taskId: change.taskId, seq: change.seq, tier: ready.tier, due: runTime },
        ]);
      }
    }
  }

  /** Gives out what can be given out, as a coordinator does. */
  async dispatch(max = Number.POSITIVE_INFINITY): Promise<void> {
    for (let left = max; left > 0; ) {
      const given = await this.index.reserve(Math.min(left, 100));
      if (given.length === 0) return;
      left -= given.length;
      await this.#claim(given);
    }
  }

  async #claim(given: readonly Reservation[]): Promise<void> {
    const requests = given.map(({ taskId, agentId, selection = null }) => {
      return { org: ORG, taskId, agentId, requestId: null, selection, acceptWithinMs: MINUTE };
    });
    const outcomes = await this.record.claimTasks(requests);
    for (const [i, reservation] of given.entries()) {
      const outcome = outcomes[i];
      if (outcome?.kind !== 'OK') throw new Error(`not claimed: ${JSON.stringify(outcome)}`);
      const { lease, change } = outcome;
      await this.index.confirm([{ reservation, epoch: lease.epoch, seq: change.seq }]);
      this.claimed.push(reservation);
    }
  }

  /** Ends an attempt; the agent has room again unless it takes nothing more. */
  async settle(taskId: string, outcome: 'SUCCEEDED' | 'FAILED', room = true): Promise<void> {
    const task = await this.task(taskId);
    const { epoch, agentId } = task;
    if (agentId === null) throw new Error(`${taskId} is with nobody`);
    const error = { kind: 'Error', message: 'no', retryable: true, detail: null };
    const result = { outcome, output: null, summary: '', error: outcome === 'FAILED' ? error : null };
    const [settled] = await this.record.settleTasks([
      {
        ...{ org: ORG, taskId, epoch, agentId, resultId: `${taskId} ${epoch}`, result },
        afterFailure: { to: 'FAILED', delayMs: 0 },
      },
    ]);
    if (settled?.kind !== 'OK') throw new Error(`not settled: ${JSON.stringify(settled)}`);
    await this.index.recordAttempts([{ org: ORG, taskId, outcome }]);
    await this.index.freeSlots([{ org: ORG, taskId, epoch }]);
    await this.place(settled.dependents);
    if (room && this.agents.has(agentId)) await this.grant(agentId, 1);
  }

  /** An agent gives a task back: another is to get it for a while. */
  async giveBack(taskId: string): Promise<void> {
    const { epoch, agentId } = await this.task(taskId);
    const request = { org: ORG, taskId, epoch, agentId, to: 'QUEUED', reason: 'DECLINED' } as const;
    const [returned] = await this.record.returnTasks([request]);
    if (returned?.kind !== 'OK') throw new Error(`not returned: ${JSON.stringify(returned)}`);
    await this.index.freeSlots([{ org: ORG, taskId, epoch }]);
    await this.place([returned]);
    if (agentId !== null) await this.grant(agentId, 1);
  }

  async approve(taskId: string): Promise<void> {
    const request = { org: ORG, taskId, verdict: 'APPROVE', reason: '', approver: 'bob' } as const;
    const [decided] = await this.record.decideTasks([request]);
    if (decided?.kind !== 'OK') throw new Error(`not decided: ${JSON.stringify(decided)}`);
    await this.place([decided]);
    // What has ended before settles its edges in the step after.
    const { dependencies } = (await this.task(taskId)).spec;
    const upstreams = dependencies.map((on) => ({ org: ORG, taskId: on.taskId }));
    for (const moved of await this.record.settleEdges(upstreams)) await this.place(moved);
  }

  async cancel(taskId: string): Promise<void> {
    const request = { org: ORG, taskId, graceMs: 0, reason: 'gone', actor: 'alice' };
    const [cancelled] = await this.record.cancelTasks([request]);
    if (cancelled?.kind !== 'OK') throw new Error(`not cancelled: ${JSON.stringify(cancelled)}`);
    await this.index.remove([{ org: ORG, taskId, seq: cancelled.change.seq }]);
    await this.place(cancelled.dependents);
  }

  /** Time goes on, and what is due by then becomes ready. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    const due = await this.index.takeDue(1_000);
    const outcomes = await this.record.promoteTasks(due);
    for (const outcome of outcomes) if (outcome.kind === 'OK') await this.place([outcome]);
  }

  async task(taskId: string): Promise<Task> {
    const [task] = await this.record.getTasks(ORG, [taskId], 'BASIC');
    if (!task) throw new Error(`${taskId} is gone`);
    return task;
  }

  async explain(taskId: string): Promise<Explanation> {
    const { record, index, clock } = this;
    const { specs, pools } = NO_POLICIES;
    const queues = { listPauses: async () => [] };
    const ports = {
      record,
      index,
      clock,
      specs,
      pools,
      queues,
      planTries: NO_PLAN_TRIES,
      orgRules: NO_ORG_RULES,
      rules: RULES,
      fleet: NO_FLEET,
    };
    return explain(await readFacts(ports, await this.task(taskId), 100));
  }

  #agent(agentId: string): SimulatedAgent {
    const agent = this.agents.get(agentId);
    if (!agent) throw new Error(`${agentId} is not connected`);
    return agent;
  }
}

const PLAIN_AGENT: AgentSpec = {
  agentId: '',
  agentType: 'WORKER',
  capabilities: ['work'],
  ...{ services: [], tags: [], endpoints: {}, metadata: {}, version: '' },
  ...{ region: null, location: null, weight: null },
};

/** What a policy says that asks a person. */
const ASKED = {
  kind: 'AWAITING_APPROVAL',
  reason: 'it is dear',
  policyId: 'budget',
  policyVersion: 1,
  defaultVerdict: 'REJECT',
} as const;

const later = () => Promise.reject(new Error('nobody registers here'));

/** Nobody is known who is not connected. */
const NO_FLEET = {
  get: () => null,
  find: async () => null,
  list: () => [],
  ...{ register: later, deregister: later, setIntent: later },
  connected() {},
  left() {},
  heartbeat: () => false,
};
