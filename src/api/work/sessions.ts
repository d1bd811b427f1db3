import { ReeveError } from '../../domain/errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { AgentSessions, CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { InstanceView } from '../../ports/fleet.js';
import type { Greeted } from '../../ports/relay.js';
import { checkLeases } from './check-leases.js';
import { EarlyCancels } from './early-cancels.js';
import { KeepAlive } from './keep-alive.js';
import type { AskedBid } from './live-bidding.js';
import type { Participant } from './participant.js';
import { Poller } from './poller.js';
import { Rotation } from './rotation.js';
import { Session } from './session.js';
import type { OpenWork } from './work-stream.js';
import type { WorkWorld } from './work-world.js';

/** An agent that names no process is one. */
const ONLY_PROCESS = '00000000-0000-0000-0000-000000000000';

/** The Work streams this coordinator holds, and the agents that ask it call by call. */
export class Sessions implements AgentSessions {
  readonly #world: () => WorkWorld;
  readonly #sessions = new Map<string, Participant>();
  readonly #byAgent = new Map<string, Set<Participant>>();
  readonly #early = new EarlyCancels(
    () => this.#world().ports.clock,
    () => this.#world().ports.rules.assignedMs,
  );
  #rotation: Rotation | undefined;
  #keepAlive: KeepAlive | undefined;
  #tellGreeted: (greeted: Greeted) => void = () => undefined;
  #stopSweep: () => void = () => undefined;
  #nonce = 0n;

  /** @param world asked when a stream opens; it holds this registry itself */
  constructor(world: () => WorkWorld) {
    this.#world = world;
  }

  readonly open: OpenWork = (stream) => {
    const session = new Session(stream, this.#world(), {
      greeted: (s) => this.#greeted(s),
      welcomed: (s) => this.#tellGreeted(greetedOf(s, this.#world().ports.clock.monotonic())),
      closed: (s) => {
        this.#closed(s);
        this.#rotation?.removed(s);
        this.#keepAlive?.removed(s);
      },
    });
    this.#sessions.set(session.sessionId, session);
    this.#rotate()?.added(session);
    this.#keepAlive ??= new KeepAlive(this.#world().keepAliveMs);
    this.#keepAlive.added(session);
    return session;
  };

  /** The process of an agent that asks call by call; made with its first call. */
  poller(org: string, agentId: string, instanceKey: string, slots: number): Poller {
    const key = instanceKey || ONLY_PROCESS;
    const known = this.#of(org, agentId).find((p) => p instanceof Poller && p.peer.instanceKey === key);
    if (known instanceof Poller) return known;
    const peer = { agentId, instanceKey: key, slots };
    const poller = new Poller(org, peer, this.#world(), (p) => this.#closed(p));
    this.#sessions.set(poller.sessionId, poller);
    this.#greeted(poller);
    // As of a stream that opens: how regular it was before does not count.
    this.#world().ports.fleet.connected(org, agentId);
    return poller;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Calls `listener` when a stream was welcomed: other coordinators may hold older ones of that process. */
  onGreeted(listener: (greeted: Greeted) => void): void {
    this.#tellGreeted = listener;
  }

  /** Whether a session here has the lease. */
  holds(claim: Pick<Lease, 'org' | 'agentId' | 'taskId' | 'epoch'>): boolean {
    return this.#holder(claim) !== undefined;
  }

  instancesOf(org: string, agentId: string): readonly InstanceView[] {
    return this.#of(org, agentId)
      .filter((s) => s.live)
      .map((s) => s.view());
  }

  deliver(deliveries: readonly Delivery[]): readonly Delivery[] {
    const bySession = new Map<string, Delivery[]>();
    for (const delivery of deliveries) {
      const batch = bySession.get(delivery.sessionId);
      if (batch) batch.push(delivery);
      else bySession.set(delivery.sessionId, [delivery]);
    }
    const unsent: Delivery[] = [];
    for (const [sessionId, batch] of bySession) {
      const session = this.#sessions.get(sessionId);
      if (!session?.deliver(batch)) unsent.push(...batch);
      else for (const notice of this.#early.take(batch)) session.cancel([notice]);
    }
    return unsent;
  }

  /** Asks a process of an agent here for bids; false: none of them bids. */
  askForBids(org: string, agentId: string, asked: readonly AskedBid[]): boolean {
    return this.#of(org, agentId).some((session) => session.askForBids?.(asked) ?? false);
  }

  cancel(notices: readonly CancelNotice[]): void {
    for (const notice of notices) {
      const session = this.#holder(notice);
      if (session) session.cancel([notice]);
      else this.#early.keep(notice);
    }
  }

  revoke(leases: readonly Pick<Lease, 'org' | 'agentId' | 'taskId' | 'epoch'>[]): void {
    for (const lease of leases) this.#holder(lease)?.revoke(lease.taskId, lease.epoch);
  }

  /** Those of the claims that are held here. */
  held(claims: readonly Pick<Lease, 'org' | 'agentId' | 'taskId' | 'epoch'>[]): readonly Lease[] {
    return claims.flatMap((claim) => this.#holder(claim)?.leases.get(claim.taskId) ?? []);
  }

  /** Claims that their agent is done with, said in a call of their own: whoever holds them forgets them. */
  async forget(claims: readonly Pick<Lease, 'org' | 'agentId' | 'taskId' | 'epoch'>[]): Promise<void> {
    const { index } = this.#world().ports;
    for (const claim of claims) {
      const holder = this.#holder(claim);
      if (!holder) continue;
      holder.forget(claim.taskId);
      // A poll that began meanwhile has taken the slot again for what it still knew of.
      await index.freeSlots([claim], holder.sessionId);
    }
  }

  /**
   * A process has opened a stream at another coordinator: what it had here before is over. Only
   * what is older by both clocks ends: an agent that is superseded does not come back.
   */
  supersede({ org, agentId, instanceKey, connectTime, ageMs }: Greeted): void {
    const now = this.#world().ports.clock.monotonic();
    for (const older of this.#of(org, agentId)) {
      if (older.peer.instanceKey !== instanceKey) continue;
      if (older.connectTime >= connectTime || now - older.connectedAt <= ageMs) continue;
      older.goAway('SESSION_SUPERSEDED', null);
      older.ended();
    }
  }

  /** Forgets leases that have ended elsewhere; see `checkLeases`. */
  checkLeases(): Promise<void> {
    return checkLeases(this.#world(), [...this.#sessions.values()]);
  }

  goAway(org: string, agentId: string, reason: string): void {
    for (const session of this.#of(org, agentId)) session.goAway(reason, null);
  }

  /**
   * Asks every agent to come back later; new work goes nowhere any more.
   *
   * @param afterMs when the first is to come; the last comes after twice the time
   */
  sendAllAway(reason: string, afterMs: number): void {
    const all = [...this.#sessions.values()].filter((session) => session.live);
    for (const [i, session] of all.entries()) session.goAway(reason, afterMs * (1 + i / all.length));
  }

  /** Ends every stream. */
  closeAll(): void {
    for (const session of [...this.#sessions.values()]) session.ended();
  }

  /** Begins to ping agents and to be heard, to end streams that are silent for three intervals, and to renew old ones. */
  start(): void {
    const { ports, pingMs, keepAliveMs } = this.#world();
    const everyMs = Math.max(10, Math.min(pingMs / 10, keepAliveMs / 4));
    const sweep = () => {
      this.#sweep(ports.clock.monotonic(), pingMs);
      this.#rotation?.sweep(ports.clock.monotonic());
      this.#keepAlive?.sweep(ports.clock.monotonic());
      this.#stopSweep = ports.clock.after(everyMs, sweep);
    };
    this.#stopSweep = ports.clock.after(everyMs, sweep);
  }

  stop(): void {
    this.#stopSweep();
  }

  #sweep(now: number, pingMs: number): void {
    for (const session of [...this.#sessions.values()]) {
      if (now - session.heardAt > 3 * pingMs) {
        session.fail(
          new ReeveError('UNAVAILABLE', 'SESSION_SILENT', 'nothing was heard for three ping intervals'),
        );
      } else if (session.live && now - session.pingedAt >= pingMs) {
        this.#nonce += 1n;
        session.ping(this.#nonce);
      }
    }
  }

  #rotate(): Rotation | undefined {
    const { ports, streamAgeMs: ageMs } = this.#world();
    if (ageMs === undefined) return undefined;
    this.#rotation ??= new Rotation({ clock: ports.clock, random: () => ports.ids.random(), ageMs });
    return this.#rotation;
  }

  #greeted(session: Participant): void {
    const { agentId, instanceKey } = session.peer;
    for (const older of this.#of(session.org, agentId)) {
      if (older.peer.instanceKey !== instanceKey) continue;
      older.goAway('SESSION_SUPERSEDED', null);
      older.ended();
    }
    const key = agentKey(session.org, agentId);
    this.#byAgent.set(key, (this.#byAgent.get(key) ?? new Set()).add(session));
  }

  #closed(session: Participant): void {
    this.#sessions.delete(session.sessionId);
    const key = agentKey(session.org, session.peer.agentId);
    const ofAgent = this.#byAgent.get(key);
    ofAgent?.delete(session);
    if (ofAgent?.size === 0) this.#byAgent.delete(key);
  }

  #of(org: string, agentId: string): readonly Participant[] {
    return [...(this.#byAgent.get(agentKey(org, agentId)) ?? [])];
  }

  #holder(claim: Pick<Lease, 'org' | 'agentId' | 'taskId' | 'epoch'>): Participant | undefined {
    return this.#of(claim.org, claim.agentId).find((s) => s.leases.get(claim.taskId)?.epoch === claim.epoch);
  }
}

function agentKey(org: string, agentId: string): string {
  return `${org}/${agentId}`;
}

function greetedOf({ org, peer, connectTime, connectedAt }: Session, now: number): Greeted {
  const { agentId, instanceKey } = peer;
  return { org, agentId, instanceKey, connectTime, ageMs: now - connectedAt };
}
