import type { AgentSpec } from '../../domain/agents/agent.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { Delivery } from '../../ports/agent-sessions.js';
import type { InstanceView } from '../../ports/fleet.js';
import type { Participant } from './participant.js';
import type { Peer } from './session-context.js';
import type { WorkWorld } from './work-world.js';

/** What one call asks for. */
export interface Poll {
  readonly spec: AgentSpec;
  readonly maxTasks: number;
  readonly slots: number;
  readonly maxWaitMs: number;
  /** Names the call; `null`: it has no name. */
  readonly requestId: string | null;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly deliveries: Delivery[];
  readonly wanted: number;
  readonly answer: (deliveries: readonly Delivery[]) => void;
}

/** How often a call that has all it gets asks whether more is on its way. */
const LOOK_AGAIN_MS = 2;
/** How long it waits while the index is away. */
const WITHDRAW_AGAIN_MS = 250;

/**
 * One process of an agent that asks for work call by call. To the rest of the coordinator it is
 * like a Work stream: it has credit while a call waits, and none between calls.
 */
export class Poller implements Participant {
  readonly sessionId: string;
  readonly org: string;
  readonly leases = new Map<string, Lease>();
  readonly connectTime: number;
  readonly connectedAt: number;
  peer: Peer;
  readonly #world: WorkWorld;
  readonly #onClosed: (poller: Poller) => void;
  #seenAt: number;
  #beatAt: number;
  #assigned = 0;
  #waiting: Waiting | null = null;
  #closed = false;

  constructor(org: string, peer: Peer, world: WorkWorld, onClosed: (poller: Poller) => void) {
    this.sessionId = world.ports.ids.uuid();
    this.org = org;
    this.peer = peer;
    this.connectTime = world.ports.clock.now();
    this.#world = world;
    this.#onClosed = onClosed;
    this.connectedAt = world.ports.clock.monotonic();
    this.#seenAt = this.connectedAt;
    this.#beatAt = this.connectedAt;
  }

  /** While a call waits, the agent is there. */
  get heardAt(): number {
    return this.#waiting ? this.#world.ports.clock.monotonic() : this.#seenAt;
  }

  get pingedAt(): number {
    return this.#beatAt;
  }

  get live(): boolean {
    return !this.#closed;
  }

  view(): InstanceView {
    const { instanceKey, slots } = this.peer;
    const credit = this.#waiting ? this.#waiting.wanted - this.#waiting.deliveries.length : 0;
    return {
      instanceKey,
      sessionId: this.sessionId,
      connectTime: this.connectTime,
      slots,
      inFlight: this.leases.size,
      credit,
      draining: false,
      polls: true,
    };
  }

  /** Waits for tasks; a newer call ends an older one. Empty: the time was over first. */
  async poll(asked: Poll): Promise<readonly Delivery[]> {
    const { index, clock } = this.#world.ports;
    const { spec, maxTasks, slots, maxWaitMs, requestId, signal } = asked;
    this.#finish();
    this.peer = { ...this.peer, slots };
    const tasks = new Promise<readonly Delivery[]>((answer) => {
      this.#waiting = { deliveries: [], wanted: maxTasks, answer };
    });
    this.#changed();
    const mine = this.#waiting;
    const timeUp = () => this.#settleSoon(mine);
    signal.addEventListener('abort', timeUp, { once: true });
    const stopTimer = clock.after(maxWaitMs, timeUp);
    try {
      const held = [...this.leases.values()];
      await index.putInstance({ org: this.org, sessionId: this.sessionId, spec, slots, held });
      // What an older call asked for is not to be had by this one.
      await index.withdraw(this.sessionId);
      await index.grant(this.sessionId, this.#assigned + maxTasks, requestId);
      if (signal.aborted) timeUp();
      return await tasks;
    } finally {
      stopTimer();
      signal.removeEventListener('abort', timeUp);
      this.#seenAt = clock.monotonic();
    }
  }

  deliver(deliveries: readonly Delivery[]): boolean {
    const waiting = this.#waiting;
    if (!waiting || this.#closed) return false;
    this.#assigned += deliveries.length;
    for (const { lease } of deliveries) this.leases.set(lease.taskId, lease);
    waiting.deliveries.push(...deliveries);
    this.#changed();
    this.#settleSoon(waiting);
    return true;
  }

  /** Renewals tell of it. */
  cancel(): void {}

  /** Whoever waits is there: a call that takes longer than the interval counts like the beats of a stream. */
  ping(): void {
    this.#beatAt = this.#world.ports.clock.monotonic();
    if (this.#waiting) this.#world.ports.fleet.heartbeat(this.org, this.peer.agentId, null);
  }

  revoke(taskId: string, epoch: number): void {
    if (this.leases.get(taskId)?.epoch === epoch) this.forget(taskId);
  }

  forget(taskId: string): void {
    this.leases.delete(taskId);
    this.#world.progress.delete(taskId);
    this.#changed();
  }

  goAway(): void {
    this.ended();
  }

  fail(): void {
    this.ended();
  }

  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#finish();
    const { index, log } = this.#world.ports;
    index
      .dropInstance(this.sessionId)
      .catch((error: unknown) => log.error({ err: error }, 'an instance could not be dropped'));
    this.#onClosed(this);
    this.#changed();
  }

  #settleSoon(waiting: Waiting | null): void {
    this.#settle(waiting).catch((error: unknown) => {
      const { log } = this.#world.ports;
      log.warn({ err: error, session: this.sessionId }, 'a call could not take its credit back');
      // Nothing comes from an index that is away, and what it still gives is not taken.
      if (waiting === this.#waiting) this.#finish();
      this.#withdrawLater();
    });
  }

  /** Without a call that waits there is to be no credit. */
  #withdrawLater(): void {
    const { clock, index } = this.#world.ports;
    clock.after(WITHDRAW_AGAIN_MS, () => {
      if (this.#waiting || this.#closed) return;
      index.withdraw(this.sessionId).catch(() => this.#withdrawLater());
    });
  }

  /** Takes no more; answers once nothing is on its way to this call any more. */
  async #settle(waiting: Waiting | null): Promise<void> {
    if (!waiting || waiting !== this.#waiting) return;
    const { index, clock } = this.#world.ports;
    const onTheWay = await index.withdraw(this.sessionId);
    if (waiting !== this.#waiting) return;
    // What was just delivered counts until it is confirmed.
    if (onTheWay === 0) this.#finish();
    else clock.after(LOOK_AGAIN_MS, () => this.#settleSoon(waiting));
  }

  #finish(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.answer(waiting.deliveries);
    if (waiting) this.#changed();
  }

  #changed(): void {
    this.#world.onAgentChanged(this.org, this.peer.agentId);
  }
}
