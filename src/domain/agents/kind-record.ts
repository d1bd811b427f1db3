import {
  doesWell,
  failed,
  forgiven,
  isHeld,
  isSuspect,
  NEW_STANDING,
  probed,
  type Standing,
  succeeded,
  type Tries,
} from './guard.js';
import {
  type Durations,
  durationsOf,
  type Measured,
  measure,
  NO_TALLY,
  type Tally,
  UNMEASURED,
  withFailure,
  withoutFailures,
  withSuccess,
} from './track-record.js';
import { Tried } from './tried.js';

interface AgentOnKind {
  tally: Tally;
  standing: Standing;
  measured: Measured;
}

/** Tasks whose failures are remembered, in case another agent repeats them. */
const MAX_FAILED_TASKS = 10_000;

/** Agents that are remembered; the one that was met first is forgotten first. */
const MAX_AGENTS = 20_000;

/** An attempt at a task of this kind. Times in ms, monotonic. */
export interface Attempt {
  readonly taskId: string;
  readonly agentId: string;
  readonly outcome: 'SUCCEEDED' | 'FAILED';
  readonly began: number;
  readonly ended: number;
}

/** How agents do on one kind of task of an organisation, and who of them is held back. */
export class KindRecord {
  readonly org: string;
  readonly kind: string;
  readonly #agents = new Map<string, AgentOnKind>();
  readonly #holding = new Set<string>();
  readonly #tried = new Tried();
  /** Who failed a task and how often; `null`: several did, so it is the task. */
  readonly #failedBy = new Map<string, { readonly agentId: string; readonly times: number } | null>();
  #all: Tally = NO_TALLY;
  #suspect = false;

  constructor(org: string, kind: string) {
    this.org = org;
    this.kind = kind;
  }

  /** Most agents fail it, so that none is held back for it. */
  get suspect(): boolean {
    return this.#suspect;
  }

  get anyHeld(): boolean {
    return this.#holding.size > 0;
  }

  readonly measured = (agentId: string): Measured => this.#agents.get(agentId)?.measured ?? UNMEASURED;

  /** How long its successes took, the geometric mean, in ms; `null`: it had none. */
  meanMs(agentId: string): number | null {
    const tally = this.#agents.get(agentId)?.tally;
    return tally && tally.successes > 0 ? Math.exp(tally.logMs / tally.successes) : null;
  }

  /** How long its successes took, whoever's. */
  get durations(): Durations | null {
    return durationsOf(this.#all);
  }

  isHeld(agentId: string, now: number): boolean {
    if (!this.#holding.has(agentId)) return false;
    const standing = this.#agents.get(agentId)?.standing;
    return standing !== undefined && isHeld(standing, now);
  }

  /** The agents that are held back or due for a probe, and until when (ms, monotonic). */
  *holds(): Iterable<{ readonly agentId: string; readonly until: number }> {
    for (const agentId of this.#holding) {
      const until = this.#agents.get(agentId)?.standing.hold?.until;
      if (until !== undefined) yield { agentId, until };
    }
  }

  /** To be told whom a task goes to. @returns whether it is a probe: the agent is held again meanwhile */
  chosen(agentId: string, now: number): boolean {
    const agent = this.#agents.get(agentId);
    if (!agent || !this.#holding.has(agentId)) return false;
    this.#stand(agentId, agent, probed(agent.standing, now));
    return true;
  }

  add({ taskId, agentId, outcome, began, ended }: Attempt): void {
    const agent = this.#agent(agentId);
    if (outcome === 'SUCCEEDED') {
      this.#failedBy.delete(taskId);
      agent.tally = withSuccess(agent.tally, ended - began, ended);
      this.#all = withSuccess(this.#all, ended - began, ended);
      this.#stand(agentId, agent, succeeded(agent.standing, ended));
    } else {
      const counts = this.#isItsOwn(taskId, agentId);
      if (counts) {
        agent.tally = withFailure(agent.tally, ended);
        this.#all = withFailure(this.#all, ended);
      }
      const mayHold = !this.#suspect && this.#othersDoWell(agentId, ended);
      this.#stand(agentId, agent, failed(agent.standing, { now: ended, began, counts, mayHold }));
    }
    agent.measured = measure(agent.tally, this.#all);
    this.#tried.note(agentId, agent.standing);
  }

  /** Compares the agents. @returns what has changed: most fail now, or no longer; else `null` */
  judge(now: number): Tries | null {
    const count = this.#tried.count(now);
    const suspect = isSuspect(count);
    if (suspect === this.#suspect) return null;
    this.#suspect = suspect;
    if (suspect) {
      for (const agentId of [...this.#holding]) {
        const agent = this.#agent(agentId);
        this.#stand(agentId, agent, { ...agent.standing, hold: null });
      }
    }
    return count;
  }

  /** Whether a failure counts; if another agent failed the task before, neither of theirs does. */
  #isItsOwn(taskId: string, agentId: string): boolean {
    const before = this.#failedBy.get(taskId);
    this.#failedBy.delete(taskId);
    const own = before === undefined || before?.agentId === agentId;
    this.#failedBy.set(taskId, own ? { agentId, times: (before?.times ?? 0) + 1 } : null);
    const [oldest] = this.#failedBy.keys();
    if (this.#failedBy.size > MAX_FAILED_TASKS && oldest !== undefined) this.#failedBy.delete(oldest);
    if (!own && before) this.#forgive(before.agentId, before.times);
    return own;
  }

  #forgive(agentId: string, times: number): void {
    const agent = this.#agent(agentId);
    agent.tally = withoutFailures(agent.tally, times);
    this.#all = withoutFailures(this.#all, times);
    agent.measured = measure(agent.tally, this.#all);
    this.#stand(agentId, agent, forgiven(agent.standing, times));
  }

  #othersDoWell(agentId: string, now: number): boolean {
    for (const [other, { standing }] of this.#agents) {
      if (other !== agentId && doesWell(standing, now)) return true;
    }
    return false;
  }

  #agent(agentId: string): AgentOnKind {
    let agent = this.#agents.get(agentId);
    if (agent === undefined) {
      const [oldest] = this.#agents.keys();
      if (this.#agents.size >= MAX_AGENTS && oldest !== undefined) this.#forget(oldest);
      agent = { tally: NO_TALLY, standing: NEW_STANDING, measured: UNMEASURED };
      this.#agents.set(agentId, agent);
    }
    return agent;
  }

  #forget(agentId: string): void {
    this.#agents.delete(agentId);
    this.#holding.delete(agentId);
    this.#tried.forget(agentId);
  }

  #stand(agentId: string, agent: AgentOnKind, standing: Standing): void {
    agent.standing = standing;
    if (standing.hold) this.#holding.add(agentId);
    else this.#holding.delete(agentId);
  }
}
