import { type Assignment, type Claim, LeaseVerdict, Outcome, type ResultAck } from '@reeve/sdk/protocol';
import type { History, Operation } from '../support/history.js';
import type { Chance } from './chance.js';
import type { ToServer } from './connection.js';
import { RULES } from './coordinator.js';
import { Reports, type ScriptOf } from './reports.js';

/** What an agent may do with an assignment, and how often. */
const PLAYS = {
  quick: 40,
  slow: 24,
  fail: 12,
  hopeless: 4,
  ignore: 5,
  decline: 6,
  late: 4,
  hang: 7,
  stuck: 5,
} as const;
type Play = keyof typeof PLAYS;
const RESEND_MS = 8_000;

interface Held {
  readonly claim: Claim;
  readonly play: Play;
  renewal?: Operation;
}

/** What the leases need of their agent. */
export interface LeasesWorld {
  readonly history: History;
  readonly chance: Chance;
  readonly send: (message: ToServer) => void;
  /** Does something later in this life of the process. */
  readonly after: (ms: number, fn: () => void) => void;
  /** A slot may be used again. */
  readonly freeSlot: () => void;
  /** Whether it does what it is asked. */
  readonly isCalm: () => boolean;
  /** What comes of a task, if that is not left to chance. */
  readonly scriptOf?: ScriptOf;
}

/** The leases of a simulated agent, and what it does with them. */
export class AgentLeases {
  readonly #world: LeasesWorld;
  readonly #held = new Map<string, Held>();
  readonly #reports: Reports;

  constructor(world: LeasesWorld) {
    this.#world = world;
    this.#reports = new Reports(world.history, world.chance, world.send);
  }

  get size(): number {
    return this.#held.size;
  }

  /** As Hello names them. */
  named(): { claim: Claim; hasUnackedResult: boolean }[] {
    return [...this.#held.values()].map(({ claim }) => {
      return { claim, hasUnackedResult: this.#reports.has(claim) };
    });
  }

  /** The next process of the agent does not know of them. */
  forgetAll(): void {
    this.#held.clear();
    this.#reports.forgetAll();
  }

  /** A process that remembers them begins anew. */
  resume(): void {
    for (const one of this.#held.values()) this.#work(one);
  }

  /** What was asked is not answered any more. */
  connectionLost(): void {
    this.#reports.connectionLost();
    for (const one of this.#held.values()) {
      one.renewal?.unknown();
      delete one.renewal;
    }
  }

  renew(): void {
    const due = [...this.#held.values()].filter((one) => !one.renewal && !this.#reports.has(one.claim));
    for (const one of due) one.renewal = this.#world.history.invoke('renew', named(one.claim));
    if (due.length > 0) this.#world.send({ case: 'renew', value: { claims: due.map(({ claim }) => claim) } });
  }

  acknowledged(ack: ResultAck): void {
    if (ack.claim && this.#reports.acknowledged(ack)) this.#drop(ack.claim);
  }

  assigned({ claim, spec, attempt }: Assignment): void {
    if (!claim || !spec) return;
    const { history, chance } = this.#world;
    history.saw('assigned', { ...named(claim), attempt });
    const script = this.#world.scriptOf?.(claim.taskId, spec);
    if (script) this.#reports.follow(claim.taskId, script);
    let play = this.#world.isCalm() ? 'quick' : chance.weighted(PLAYS);
    if (script && play === 'hopeless') play = 'fail';
    if (play === 'ignore') {
      this.#world.freeSlot();
      return;
    }
    if (play === 'decline') {
      history.saw('decline', named(claim));
      this.#world.send({ case: 'decline', value: { claims: [claim], reason: 'not now' } });
      this.#world.freeSlot();
      return;
    }
    const one: Held = { claim, play };
    this.#held.set(keyOf(claim), one);
    const accept = () => {
      history.saw('accept', named(claim));
      this.#world.send({ case: 'accept', value: { claims: [claim] } });
    };
    if (play === 'late') this.#world.after(chance.between(500, 4_000), accept);
    else accept();
    if (play === 'hang') {
      this.#drop(claim);
      // Heard of again when the task is with another, perhaps.
      const lateMs = RULES.leaseMs + chance.between(0, 6_000);
      this.#world.after(lateMs, () => this.#reports.contradict(claim));
    } else this.#work(one);
  }

  /** What it does until it has a result; begun anew by a process that remembers. */
  #work(one: Held): void {
    const { chance } = this.#world;
    if (this.#reports.has(one.claim)) {
      this.#resendLater(one.claim);
      return;
    }
    const longest = { slow: 2.5 * RULES.leaseMs, stuck: 60_000, late: 5_000 } as Partial<
      Record<Play, number>
    >;
    this.#world.after(chance.random() * (longest[one.play] ?? 1_000), () => {
      const failed = one.play === 'fail' || one.play === 'hopeless';
      if (this.#held.get(keyOf(one.claim)) === one) {
        this.#report(one, failed && !this.#world.isCalm() ? Outcome.FAILED : Outcome.SUCCEEDED);
      }
    });
  }

  #report({ claim, play }: Held, outcome: Outcome): void {
    const { chance } = this.#world;
    if (this.#reports.has(claim)) return;
    this.#reports.add(claim, outcome, play !== 'hopeless');
    if (!this.#world.isCalm() && chance.happens(0.1)) {
      this.#world.after(chance.random() * 15_000, () => this.#reports.repeat(claim));
    }
    if (!this.#world.isCalm() && chance.happens(0.05)) this.#reports.contradict(claim);
    this.#resendLater(claim);
  }

  #resendLater(claim: Claim): void {
    this.#world.after(RESEND_MS, () => {
      if (!this.#held.has(keyOf(claim))) return;
      this.#reports.repeat(claim);
      this.#resendLater(claim);
    });
  }

  renewed(claim: Claim, verdict: LeaseVerdict): void {
    const one = this.#held.get(keyOf(claim));
    if (!one) return;
    const answer = one.renewal;
    delete one.renewal;
    if (verdict === LeaseVerdict.KEEP) {
      answer?.ok({ verdict: 'KEEP' });
      return;
    }
    answer?.fail({ verdict: LeaseVerdict[verdict] });
    if (verdict === LeaseVerdict.CANCEL) this.cancelled(claim);
    else if (!this.#reports.has(claim)) {
      this.#world.history.saw('aborted', named(claim));
      this.#reportAllTheSame(claim);
      this.#drop(claim);
    }
  }

  /** What Welcome says of a lease from before. */
  judged(claim: Claim, verdict: LeaseVerdict): void {
    const one = this.#held.get(keyOf(claim));
    if (!one) return;
    if (verdict === LeaseVerdict.KEEP || verdict === LeaseVerdict.CANCEL) {
      if (this.#reports.has(claim)) this.#reports.repeat(claim);
      else if (verdict === LeaseVerdict.CANCEL) this.cancelled(claim);
      return;
    }
    this.#reportAllTheSame(claim);
    this.#held.delete(keyOf(claim));
    this.#reports.forget(claim);
  }

  /** Some go on with what was lost, and learn later that it does not count. */
  #reportAllTheSame(claim: Claim): void {
    if (this.#world.isCalm() || this.#reports.has(claim) || this.#world.chance.happens(0.5)) return;
    this.#world.after(this.#world.chance.random() * 5_000, () => this.#reports.contradict(claim));
  }

  cancelled(claim: Claim): void {
    const one = this.#held.get(keyOf(claim));
    if (!one || this.#reports.has(claim)) return;
    if (this.#world.isCalm() || this.#world.chance.happens(0.7)) this.#report(one, Outcome.CANCELLED);
  }

  #drop(claim: Claim): void {
    if (!this.#held.delete(keyOf(claim))) return;
    this.#reports.forget(claim);
    this.#world.freeSlot();
  }
}

function keyOf(claim: Claim): string {
  return `${claim.taskId} ${claim.epoch}`;
}

function named(claim: Claim): { taskId: string; epoch: number } {
  return { taskId: claim.taskId, epoch: Number(claim.epoch) };
}
