import { ReeveError } from '../../domain/errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { AgentSessions, CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { InstanceView } from '../../ports/fleet.js';
import type { Participant } from './participant.js';
import { Poller } from './poller.js';
import { Session } from './session.js';
import type { OpenWork } from './work-stream.js';
import type { WorkWorld } from './work-world.js';

/** Cancels kept for assignments that are still on their way to their session. */
const MAX_EARLY_CANCELS = 10_000;

/** An agent that names no process is one. */
const ONLY_PROCESS = '00000000-0000-0000-0000-000000000000';

/** The Work streams this coordinator holds, and the agents that ask it call by call. */
export class Sessions implements AgentSessions {
  readonly #world: () => WorkWorld;
  readonly #sessions = new Map<string, Participant>();
  readonly #byAgent = new Map<string, Set<Participant>>();
  readonly #earlyCancels = new Map<string, CancelNotice>();
  #stopSweep: () => void = () => undefined;
  #nonce = 0n;

  /** @param world asked when a stream opens; it holds this registry itself */
  constructor(world: () => WorkWorld) {
    this.#world = world;
  }

  readonly open: OpenWork = (stream) => {
    const session = new Session(stream, this.#world(), {
      greeted: (s) => this.#greeted(s),
      closed: (s) => this.#closed(s),
    });
    this.#sessions.set(session.sessionId, session);
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
      if (session?.deliver(batch)) this.#sendEarlyCancels(session, batch);
      else unsent.push(...batch);
    }
    return unsent;
  }

  cancel(notices: readonly CancelNotice[]): void {
    for (const notice of notices) {
      const session = this.#holder(notice);
      if (session) session.cancel([notice]);
      else this.#keepEarly(notice);
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

  goAway(org: string, agentId: string, reason: string): void {
    for (const session of this.#of(org, agentId)) session.goAway(reason, null);
  }

  /** Asks every agent to come back later; new work goes nowhere any more. */
  sendAllAway(reason: string, afterMs: number): void {
    for (const session of this.#sessions.values()) if (session.live) session.goAway(reason, afterMs);
  }

  /** Ends every stream. */
  closeAll(): void {
    for (const session of [...this.#sessions.values()]) session.ended();
  }

  /** Begins to ping agents and to end streams that are silent for three intervals. */
  start(): void {
    const { ports, pingMs } = this.#world();
    const everyMs = Math.max(10, pingMs / 10);
    const sweep = () => {
      this.#sweep(ports.clock.monotonic(), pingMs);
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

  /** A cancel may be committed between a claim's commit and its sending. */
  #keepEarly(notice: CancelNotice): void {
    const [oldest] = this.#earlyCancels.keys();
    if (this.#earlyCancels.size >= MAX_EARLY_CANCELS && oldest) this.#earlyCancels.delete(oldest);
    this.#earlyCancels.set(notice.taskId, notice);
  }

  #sendEarlyCancels(session: Participant, deliveries: readonly Delivery[]): void {
    if (this.#earlyCancels.size === 0) return;
    for (const { lease } of deliveries) {
      const notice = this.#earlyCancels.get(lease.taskId);
      if (notice?.epoch !== lease.epoch) continue;
      this.#earlyCancels.delete(lease.taskId);
      session.cancel([notice]);
    }
  }
}

function agentKey(org: string, agentId: string): string {
  return `${org}/${agentId}`;
}
