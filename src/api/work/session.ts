import type { Hello, WorkRequest } from '@reeve/sdk/protocol';
import { invalidArgument, type ReeveError } from '../../domain/errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { InstanceView } from '../../ports/fleet.js';
import { toDomainLoad } from '../mapping/agent.js';
import { durationOf } from '../mapping/time.js';
import { Backlog } from './backlog.js';
import { CheckpointWrites } from './checkpoint-writes.js';
import { EarlyMessages } from './early-messages.js';
import { endsStream } from './ends-stream.js';
import { greet } from './greeting.js';
import type { AskedBid } from './live-bidding.js';
import { lost, toAssignments, toBidRequests, toCancels, workResponse } from './messages.js';
import { Outbox } from './outbox.js';
import type { Participant } from './participant.js';
import { BIDS_FEATURE, receiveBids } from './receive-bids.js';
import { receiveAccept, receiveDecline, receiveRenew } from './receive-claims.js';
import { receiveProgress } from './receive-progress.js';
import { receiveResults } from './receive-results.js';
import { violationsOf } from './request-violations.js';
import type { Peer, SessionContext } from './session-context.js';
import { greetingFailed, helloFirst, helloOnce, slowReader } from './session-errors.js';
import type { SessionEvents } from './session-events.js';
import type { WorkSession, WorkStream } from './work-stream.js';
import type { WorkWorld } from './work-world.js';

type Phase = 'AWAITING_HELLO' | 'GREETING' | 'OPEN' | 'DRAINING' | 'CLOSED';

/**
 * One agent's Work stream, from Hello to its end. Messages are taken in order; what needs
 * the record is answered when the record has it, so answers may overtake each other.
 */
export class Session implements WorkSession, SessionContext, Participant {
  readonly sessionId: string;
  readonly stream: WorkStream;
  readonly world: WorkWorld;
  /** The leases this session may report on. */
  readonly leases = new Map<string, Lease>();
  readonly settling = new Set<string>();
  readonly backlog = new Backlog();
  readonly checkpoints = new CheckpointWrites();
  readonly outbox: Outbox;
  readonly connectTime: number;
  readonly connectedAt: number;
  peer: Peer = { agentId: '', instanceKey: '', slots: 0 };
  /** Monotonic, ms: when the agent was last heard of, and last pinged. */
  heardAt: number;
  pingedAt: number;
  readonly #events: SessionEvents<Session>;
  /** The agent said so itself. */
  #leaves = false;
  #phase: Phase = 'AWAITING_HELLO';
  readonly #early = new EarlyMessages();
  #granted = 0;
  #assigned = 0;

  constructor(stream: WorkStream, world: WorkWorld, events: SessionEvents<Session>) {
    this.stream = stream;
    this.world = world;
    this.#events = events;
    this.sessionId = world.ports.ids.uuid();
    this.connectTime = world.ports.clock.now();
    this.connectedAt = world.ports.clock.monotonic();
    this.heardAt = this.connectedAt;
    this.pingedAt = this.connectedAt;
    const tooSlow = () => this.fail(slowReader());
    this.outbox = new Outbox((message) => stream.send(message), tooSlow);
  }

  get org(): string {
    return this.stream.principal.org;
  }

  /** Whether the greeting is over and the stream not. */
  get live(): boolean {
    return this.#phase === 'OPEN' || this.#phase === 'DRAINING';
  }

  /** A stream that is over is answered by nobody; its agent says it again on the next one. */
  get insists(): boolean {
    return this.#phase !== 'CLOSED';
  }

  view(): InstanceView {
    return {
      instanceKey: this.peer.instanceKey,
      sessionId: this.sessionId,
      connectTime: this.connectTime,
      slots: this.peer.slots,
      inFlight: this.leases.size,
      credit: this.#leaves ? 0 : Math.max(0, this.#granted - this.#assigned),
      draining: this.#leaves,
      ...(this.peer.bids === true && { bids: true }),
    };
  }

  receive(message: WorkRequest): void {
    this.heardAt = this.world.ports.clock.monotonic();
    if (this.#phase === 'CLOSED') return;
    if (this.#phase === 'GREETING') {
      this.#keep(message);
      return;
    }
    const violations = violationsOf(this.world.check, message);
    if (violations.length > 0) {
      this.fail(invalidArgument(violations, 'PROTOCOL_VIOLATION'));
      return;
    }
    if (this.#phase === 'AWAITING_HELLO') this.#hello(message);
    else this.#handle(message);
  }

  drained(): void {
    this.outbox.drained();
  }

  ended(): void {
    this.stream.end();
    this.closed();
  }

  closed(): void {
    if (this.#phase === 'CLOSED') return;
    this.#phase = 'CLOSED';
    this.#early.drop();
    this.#background(this.world.ports.index.dropInstance(this.sessionId));
    this.#events.closed(this);
    if (this.#leaves) this.world.ports.fleet.left(this.org, this.peer.agentId);
    this.#changed();
  }

  fail(error: ReeveError): void {
    if (this.#phase === 'CLOSED') return;
    this.stream.fail(error);
    this.closed();
  }

  /** Sends assignments. False: the session takes none. */
  deliver(deliveries: readonly Delivery[]): boolean {
    if (this.#phase !== 'OPEN' || !this.outbox.takesAssignments) return false;
    const { leaseMs } = this.world.ports.rules;
    for (const { lease } of deliveries) this.leases.set(lease.taskId, lease);
    this.#assigned += deliveries.length;
    this.#changed();
    this.outbox.send(toAssignments(deliveries, leaseMs));
    return true;
  }

  cancel(notices: readonly CancelNotice[]): void {
    this.outbox.send(toCancels(notices));
  }

  /** Their slots are its own from here on. */
  async onTakenUp(): Promise<void> {
    const { sessionId, org, peer, leases } = this;
    const { index, fleet } = this.world.ports;
    this.#changed();
    const spec = fleet.get(org, peer.agentId)?.entry.spec;
    if (this.#phase !== 'OPEN' || !spec) return;
    await index.putInstance({ org, sessionId, spec, slots: peer.slots, held: [...leases.values()] });
    if (this.#phase !== 'OPEN') await index.dropInstance(sessionId);
  }

  /** Asks for bids. False: it does not bid, or does not read. */
  askForBids(asked: readonly AskedBid[]): boolean {
    if (this.#phase !== 'OPEN' || !this.peer.bids || !this.outbox.takesAssignments) return false;
    this.outbox.send(toBidRequests(asked));
    return true;
  }

  revoke(taskId: string, epoch: number): void {
    if (this.leases.get(taskId)?.epoch !== epoch) return;
    this.forget(taskId);
    this.outbox.send(lost([{ taskId, epoch }]));
  }

  ping(nonce: bigint): void {
    this.pingedAt = this.world.ports.clock.monotonic();
    this.outbox.send(workResponse({ case: 'ping', value: { nonce } }));
  }

  goAway(reason: string, afterMs: number | null): void {
    if (this.#phase === 'OPEN') this.#phase = 'DRAINING';
    this.#background(this.world.ports.index.dropInstance(this.sessionId));
    const reconnectAfter = afterMs === null ? {} : { reconnectAfter: durationOf(afterMs) };
    this.outbox.send(workResponse({ case: 'goAway', value: { reason, ...reconnectAfter } }));
  }

  send(message: Parameters<Outbox['send']>[0]): void {
    if (this.#phase !== 'CLOSED') this.outbox.send(message);
  }

  forget(taskId: string): void {
    this.leases.delete(taskId);
    this.world.progress.delete(taskId);
    this.#changed();
  }

  #hello({ message }: WorkRequest): void {
    if (message.case !== 'hello') {
      this.fail(helloFirst(message.case ?? 'an unknown message'));
      return;
    }
    this.#phase = 'GREETING';
    this.#greet(message.value).catch((error: unknown) => {
      this.world.ports.log.error({ err: error, session: this.sessionId }, 'a greeting failed');
      this.fail(greetingFailed(error));
    });
  }

  #keep(message: WorkRequest): void {
    try {
      this.#early.add(message);
    } catch (error) {
      this.fail(error as ReeveError);
    }
  }

  async #greet(hello: Hello): Promise<void> {
    this.peer = {
      agentId: hello.agent?.agentId ?? '',
      instanceKey: hello.instanceKey,
      slots: hello.slots,
      bids: hello.features.includes(BIDS_FEATURE),
    };
    this.#events.greeted(this);
    const welcome = await greet(this, hello, () => this.#phase === 'CLOSED');
    if (this.#phase === 'CLOSED') {
      await this.world.ports.index.dropInstance(this.sessionId);
      return;
    }
    this.#phase = 'OPEN';
    this.#changed();
    this.outbox.send(welcome);
    this.#events.welcomed(this);
    for (const message of this.#early.take()) this.receive(message);
  }

  #handle({ message }: WorkRequest): void {
    const { world } = this;
    switch (message.case) {
      case 'grant':
        this.#granted = Math.max(this.#granted, Number(message.value.grantedTotal));
        this.#changed();
        if (this.#phase === 'OPEN') {
          this.#background(world.ports.index.grant(this.sessionId, this.#granted));
        }
        return;
      case 'accept':
        this.#background(receiveAccept(this, message.value));
        return;
      case 'decline':
        this.#background(receiveDecline(this, message.value));
        return;
      case 'renew':
        this.#background(receiveRenew(this, message.value));
        return;
      case 'progress':
        this.#background(receiveProgress(this, message.value, 'progress.reports'));
        return;
      case 'bids':
        receiveBids(this, message.value);
        return;
      case 'results':
        this.#background(receiveResults(this, message.value));
        return;
      case 'drain':
        this.#phase = 'DRAINING';
        this.#leaves = true;
        this.#changed();
        this.#background(world.ports.index.dropInstance(this.sessionId));
        this.outbox.send(workResponse({ case: 'drainAck', value: {} }));
        return;
      case 'pong': {
        const { load } = message.value;
        world.ports.fleet.heartbeat(this.org, this.peer.agentId, load ? toDomainLoad(load) : null);
        return;
      }
      case 'hello':
        this.fail(helloOnce());
        return;
      default:
        world.ports.log.debug({ session: this.sessionId }, 'an unknown Work message was ignored');
    }
  }

  #changed(): void {
    this.world.onAgentChanged(this.org, this.peer.agentId);
  }

  /** What goes on while further messages are taken; the lease clock makes up for what fails. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (endsStream(error)) return this.fail(error);
      const about = { err: error, session: this.sessionId };
      this.world.ports.log.error(about, 'a Work message could not be carried out');
    });
  }
}
