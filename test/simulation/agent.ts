import { type Assignment, type Claim, LeaseVerdict, Outcome, type WorkResponse } from '@reeve/sdk/protocol';
import type { History, Operation } from '../support/history.js';
import { Connection, type ToServer } from './connection.js';
import { type Coordinator, RULES } from './coordinator.js';
import type { Network } from './network.js';
import { Reports } from './reports.js';

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
const RENEW_MS = RULES.leaseMs / 4;
const RESEND_MS = 8_000;

interface Held {
  readonly claim: Claim;
  readonly play: Play;
  renewal?: Operation;
}

export interface AgentOptions {
  readonly agentId: string;
  readonly kinds: readonly string[];
  readonly slots: number;
  readonly network: Network;
  readonly history: History;
  readonly say: (what: string) => void;
  /** A coordinator to connect to, if one is up. */
  readonly findCoordinator: () => Coordinator | undefined;
}

/**
 * An agent that speaks the Work stream: accepts, renews, reports; not always, not always in
 * time. It can be frozen, killed, drained and cut off, and comes back.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #network: Network;
  readonly #held = new Map<string, Held>();
  readonly #reports: Reports;
  /** Everything that was begun in another life is over. */
  #life = 0;
  #instanceKey: string;
  #connection: Connection | undefined;
  #welcomed = false;
  #draining = false;
  #granted = 0n;
  #frozen = false;
  #thawed: (() => void)[] = [];
  /** Good from here on: it does what it is asked. */
  calm = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#network = options.network;
    this.#instanceKey = this.#network.chance.uuid();
    this.#reports = new Reports(options.history, this.#network.chance, (message) => this.#send(message));
  }

  get isIdle(): boolean {
    return this.#welcomed && this.#held.size === 0;
  }

  /** The coordinator it is connected to. */
  get coordinator(): Coordinator | undefined {
    return this.#connection?.coordinator;
  }

  connect(): void {
    if (this.#connection) return;
    const coordinator = this.#options.findCoordinator();
    if (!coordinator) {
      this.#after(500, () => this.connect());
      return;
    }
    const connection = new Connection(this.#network, coordinator, {
      receive: (message) => this.#act(() => this.#connection === connection && this.#receive(message)),
      closed: () => this.#act(() => this.#connection === connection && this.#disconnected()),
    });
    this.#connection = connection;
    const { agentId, kinds, slots } = this.#options;
    const heldLeases = [...this.#held.values()].map(({ claim }) => {
      return { claim, hasUnackedResult: this.#reports.has(claim) };
    });
    const agent = { agentId, capabilities: [...kinds] };
    this.#send({ case: 'hello', value: { agent, instanceKey: this.#instanceKey, slots, heldLeases } });
  }

  /** Stands still; what should have happened meanwhile happens at once afterwards. */
  freeze(ms: number): void {
    if (this.#frozen) return;
    this.#options.say(`freezes for ${ms} ms`);
    this.#frozen = true;
    this.#network.queue.after(ms, () => this.thaw());
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#options.say('thaws');
    for (const fn of this.#thawed.splice(0)) this.#act(fn);
  }

  /** The process dies. @param remembers its next one knows what it held */
  crash(remembers: boolean, backInMs: number): void {
    this.#options.say(`dies${remembers ? ', and its next process knows what it held' : ''}`);
    this.#life += 1;
    this.#frozen = false;
    this.#thawed = [];
    this.cut(false);
    this.#ended();
    if (!remembers) {
      this.#held.clear();
      this.#reports.forgetAll();
    }
    this.#instanceKey = this.#network.chance.uuid();
    this.#after(backInMs, () => {
      for (const one of this.#held.values()) this.#work(one);
      this.connect();
    });
  }

  cut(halfOpen: boolean): void {
    this.#connection?.break(halfOpen);
  }

  /** Takes nothing new, finishes what it has, leaves, and comes back later. */
  drain(): void {
    if (!this.#welcomed || this.#draining) return;
    this.#options.say('drains');
    this.#draining = true;
    this.#send({ case: 'drain', value: {} });
    this.#leaveWhenDone();
  }

  #leaveWhenDone(): void {
    if (!this.#draining) return;
    if (this.#held.size === 0) this.#connection?.finish();
    else this.#after(500, () => this.#leaveWhenDone());
  }

  #disconnected(): void {
    this.#ended();
    this.#after(this.#network.chance.between(50, 1_000), () => this.connect());
  }

  #ended(): void {
    this.#connection = undefined;
    this.#welcomed = false;
    this.#draining = false;
    this.#reports.connectionLost();
    for (const one of this.#held.values()) {
      one.renewal?.unknown();
      delete one.renewal;
    }
  }

  #send(message: ToServer): void {
    this.#connection?.send(message);
  }

  #act(fn: () => void): void {
    if (this.#frozen) this.#thawed.push(fn);
    else fn();
  }

  #after(ms: number, fn: () => void): void {
    const life = this.#life;
    this.#network.queue.after(ms, () => life === this.#life && this.#act(() => life === this.#life && fn()));
  }

  #receive({ message }: WorkResponse): void {
    switch (message.case) {
      case 'welcome':
        this.#welcomed = true;
        for (const { claim, verdict } of message.value.verdicts) if (claim) this.#judged(claim, verdict);
        this.#granted = BigInt(Math.max(0, this.#options.slots - this.#held.size));
        this.#send({ case: 'grant', value: { grantedTotal: this.#granted } });
        this.#renewOn(this.#connection);
        return;
      case 'assignments':
        for (const assignment of message.value.assignments) this.#assigned(assignment);
        return;
      case 'leaseUpdates':
        for (const { claim, verdict } of message.value.updates) if (claim) this.#renewed(claim, verdict);
        return;
      case 'resultAcks':
        for (const ack of message.value.acks) {
          if (ack.claim && this.#reports.acknowledged(ack)) this.#drop(ack.claim);
        }
        return;
      case 'cancels':
        for (const { claim } of message.value.cancels) if (claim) this.#cancelled(claim);
        return;
      case 'ping':
        this.#send({ case: 'pong', value: { nonce: message.value.nonce } });
        return;
      case 'goAway':
        this.#connection?.finish();
        return;
    }
  }

  #assigned({ claim, spec, attempt }: Assignment): void {
    if (!claim || !spec) return;
    const { history } = this.#options;
    const { chance } = this.#network;
    history.saw('assigned', { ...named(claim), attempt });
    const play = this.calm ? 'quick' : chance.weighted(PLAYS);
    if (play === 'ignore') {
      this.#freeSlot();
      return;
    }
    if (play === 'decline') {
      history.saw('decline', named(claim));
      this.#send({ case: 'decline', value: { claims: [claim], reason: 'not now' } });
      this.#freeSlot();
      return;
    }
    const one: Held = { claim, play };
    this.#held.set(keyOf(claim), one);
    const accept = () => {
      history.saw('accept', named(claim));
      this.#send({ case: 'accept', value: { claims: [claim] } });
    };
    if (play === 'late') this.#after(chance.between(500, 4_000), accept);
    else accept();
    if (play === 'hang') {
      this.#drop(claim);
      // Heard of again when the task is with another, perhaps.
      const lateMs = RULES.leaseMs + chance.between(0, 6_000);
      this.#after(lateMs, () => this.#reports.contradict(claim));
    } else this.#work(one);
  }

  /** What it does until it has a result; begun anew by a process that remembers. */
  #work(one: Held): void {
    const { chance } = this.#network;
    if (this.#reports.has(one.claim)) {
      this.#resendLater(one.claim);
      return;
    }
    const longest = { slow: 2.5 * RULES.leaseMs, stuck: 60_000, late: 5_000 } as Partial<
      Record<Play, number>
    >;
    this.#after(chance.random() * (longest[one.play] ?? 1_000), () => {
      const failed = one.play === 'fail' || one.play === 'hopeless';
      if (this.#held.get(keyOf(one.claim)) === one) {
        this.#report(one, failed && !this.calm ? Outcome.FAILED : Outcome.SUCCEEDED);
      }
    });
  }

  #report({ claim, play }: Held, outcome: Outcome): void {
    const { chance } = this.#network;
    if (this.#reports.has(claim)) return;
    this.#reports.add(claim, outcome, play !== 'hopeless');
    if (!this.calm && chance.happens(0.1)) {
      this.#after(chance.random() * 15_000, () => this.#reports.repeat(claim));
    }
    if (!this.calm && chance.happens(0.05)) this.#reports.contradict(claim);
    this.#resendLater(claim);
  }

  #resendLater(claim: Claim): void {
    this.#after(RESEND_MS, () => {
      if (!this.#held.has(keyOf(claim))) return;
      this.#reports.repeat(claim);
      this.#resendLater(claim);
    });
  }

  #renewOn(connection: Connection | undefined): void {
    this.#after(RENEW_MS, () => {
      if (this.#connection !== connection) return;
      const due = [...this.#held.values()].filter((one) => !one.renewal && !this.#reports.has(one.claim));
      for (const one of due) one.renewal = this.#options.history.invoke('renew', named(one.claim));
      if (due.length > 0) this.#send({ case: 'renew', value: { claims: due.map(({ claim }) => claim) } });
      this.#renewOn(connection);
    });
  }

  #renewed(claim: Claim, verdict: LeaseVerdict): void {
    const one = this.#held.get(keyOf(claim));
    if (!one) return;
    const answer = one.renewal;
    delete one.renewal;
    if (verdict === LeaseVerdict.KEEP) {
      answer?.ok({ verdict: 'KEEP' });
      return;
    }
    answer?.fail({ verdict: LeaseVerdict[verdict] });
    if (verdict === LeaseVerdict.CANCEL) this.#cancelled(claim);
    else if (!this.#reports.has(claim)) {
      this.#options.history.saw('aborted', named(claim));
      this.#reportAllTheSame(claim);
      this.#drop(claim);
    }
  }

  /** What Welcome says of a lease from before. */
  #judged(claim: Claim, verdict: LeaseVerdict): void {
    const one = this.#held.get(keyOf(claim));
    if (!one) return;
    if (verdict === LeaseVerdict.KEEP || verdict === LeaseVerdict.CANCEL) {
      if (this.#reports.has(claim)) this.#reports.repeat(claim);
      else if (verdict === LeaseVerdict.CANCEL) this.#cancelled(claim);
      return;
    }
    this.#reportAllTheSame(claim);
    this.#held.delete(keyOf(claim));
    this.#reports.forget(claim);
  }

  /** Some go on with what was lost, and learn later that it does not count. */
  #reportAllTheSame(claim: Claim): void {
    if (this.calm || this.#reports.has(claim) || this.#network.chance.happens(0.5)) return;
    this.#after(this.#network.chance.random() * 5_000, () => this.#reports.contradict(claim));
  }

  #cancelled(claim: Claim): void {
    const one = this.#held.get(keyOf(claim));
    if (!one || this.#reports.has(claim)) return;
    if (this.calm || this.#network.chance.happens(0.7)) this.#report(one, Outcome.CANCELLED);
  }

  #drop(claim: Claim): void {
    if (!this.#held.delete(keyOf(claim))) return;
    this.#reports.forget(claim);
    this.#freeSlot();
  }

  #freeSlot(): void {
    this.#granted += 1n;
    if (this.#welcomed) this.#send({ case: 'grant', value: { grantedTotal: this.#granted } });
  }
}

function keyOf(claim: Claim): string {
  return `${claim.taskId} ${claim.epoch}`;
}

function named(claim: Claim): { taskId: string; epoch: number } {
  return { taskId: claim.taskId, epoch: Number(claim.epoch) };
}
