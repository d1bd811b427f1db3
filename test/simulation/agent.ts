import type { WorkResponse } from '@reeve/sdk/protocol';
import type { History } from '../support/history.js';
import { AgentLeases } from './agent-leases.js';
import { Connection, type ToServer } from './connection.js';
import { type Coordinator, RULES } from './coordinator.js';
import type { Network } from './network.js';
import type { ScriptOf } from './reports.js';

const RENEW_MS = RULES.leaseMs / 4;

export interface AgentOptions {
  readonly agentId: string;
  readonly kinds: readonly string[];
  readonly slots: number;
  readonly network: Network;
  readonly history: History;
  readonly say: (what: string) => void;
  /** A coordinator to connect to, if one is up. */
  readonly findCoordinator: () => Coordinator | undefined;
  /** What comes of a task, if that is not left to chance. */
  readonly scriptOf?: ScriptOf;
}

/**
 * An agent that speaks the Work stream: accepts, renews, reports; not always, not always in
 * time. It can be frozen, killed, drained and cut off, and comes back.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #network: Network;
  readonly #leases: AgentLeases;
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
    this.#leases = new AgentLeases({
      history: options.history,
      chance: this.#network.chance,
      send: (message) => this.#send(message),
      after: (ms, fn) => this.#after(ms, fn),
      freeSlot: () => this.#freeSlot(),
      isCalm: () => this.calm,
      ...(options.scriptOf && { scriptOf: options.scriptOf }),
    });
  }

  get isIdle(): boolean {
    return this.#welcomed && this.#leases.size === 0;
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
    const heldLeases = this.#leases.named();
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
    if (!remembers) this.#leases.forgetAll();
    this.#instanceKey = this.#network.chance.uuid();
    this.#after(backInMs, () => {
      this.#leases.resume();
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
    if (this.#leases.size === 0) this.#connection?.finish();
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
    this.#leases.connectionLost();
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
        for (const { claim, verdict } of message.value.verdicts)
          if (claim) this.#leases.judged(claim, verdict);
        this.#granted = BigInt(Math.max(0, this.#options.slots - this.#leases.size));
        this.#send({ case: 'grant', value: { grantedTotal: this.#granted } });
        this.#renewOn(this.#connection);
        return;
      case 'assignments':
        for (const assignment of message.value.assignments) this.#leases.assigned(assignment);
        return;
      case 'leaseUpdates':
        for (const { claim, verdict } of message.value.updates)
          if (claim) this.#leases.renewed(claim, verdict);
        return;
      case 'resultAcks':
        for (const ack of message.value.acks) this.#leases.acknowledged(ack);
        return;
      case 'cancels':
        for (const { claim } of message.value.cancels) if (claim) this.#leases.cancelled(claim);
        return;
      case 'ping':
        this.#send({ case: 'pong', value: { nonce: message.value.nonce } });
        return;
      case 'goAway':
        this.#connection?.finish();
        return;
    }
  }

  #renewOn(connection: Connection | undefined): void {
    this.#after(RENEW_MS, () => {
      if (this.#connection !== connection) return;
      this.#leases.renew();
      this.#renewOn(connection);
    });
  }

  #freeSlot(): void {
    this.#granted += 1n;
    if (this.#welcomed) this.#send({ case: 'grant', value: { grantedTotal: this.#granted } });
  }
}
