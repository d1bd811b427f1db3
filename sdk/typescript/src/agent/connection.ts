import { durationMs } from '@bufbuild/protobuf/wkt';
import type { GoAway, Hello, Welcome } from '../gen/reeve/v1/work_pb.js';
import { isFinal, ReeveError } from '../transport/errors.js';
import type { GrpcClientOptions } from '../transport/grpc-client.js';
import { type Backoff, waitBefore } from '../transport/retry.js';
import { type Alarm, type Alarms, now } from './alarms.js';
import type { Logger } from './log.js';
import { type FromServer, type ToServer, WorkStream } from './work-stream.js';

/** What the connection tells the agent. */
export interface ConnectionListener {
  /** What to greet the server with: the agent, and what it holds now. */
  hello(): Hello;
  /** A session has begun; what was sent before and not answered may be lost. */
  welcomed(welcome: Welcome): void;
  /** `current`: on the session's own stream, not on one that it has replaced. */
  received(message: FromServer, current: boolean): void;
  /** There is no session any more; another is being opened. */
  disconnected(): void;
  /** There will be no session any more. */
  refused(error: ReeveError): void;
}

const RECONNECT: Backoff = { baseMs: 500, maxMs: 5_000 };
const HELLO_TIMEOUT_MS = 10_000;
/** The same beside a silent session: whoever is alive answers sooner, and a balancer may choose another next. */
const SEEK: Backoff = { baseMs: 50, maxMs: 5_000 };
const SEEK_TIMEOUT_MS = 500;
/** Tries that have no longer than that; then each has twice as long. */
const QUICK_TRIES = 6;
/** How long a Hello that was given up may still be read, by a coordinator that was frozen. */
const LATE_HELLO_MS = 600_000;
/** How long a stream that was replaced has to end in order. */
const LINGER_MS = 5_000;
/** A coordinator that said it shuts down is back, as a rule, before as many attempts. */
const FAILURES_OF_A_RESTART = 5;
const FINAL_REASONS = new Set(['SESSION_SUPERSEDED', 'DEREGISTERED', 'AGENT_DEREGISTERED']);

/**
 * Keeps one session with the server. When the server asks to move, the next stream is opened
 * and greeted before the old one ends; likewise when the server says nothing for three times as
 * long as it said it would, since it may be frozen. When a stream breaks or stays silent for three
 * pings, another is opened after a wait with full jitter, which starts over only once a server has
 * said Welcome.
 */
export class Connection {
  readonly #options: GrpcClientOptions;
  readonly #listener: ConnectionListener;
  readonly #log: Logger;
  readonly #connectAlarm: Alarm;
  readonly #silenceAlarm: Alarm;
  readonly #lingerAlarm: Alarm;
  readonly #replaced = new Set<WorkStream>();
  /** Has greeted, waits for Welcome. */
  #opening: WorkStream | undefined;
  /** When it is given up if it is not answered. */
  #openingEnds = Number.POSITIVE_INFINITY;
  /** Until when a Hello that was not answered may still supersede the session. */
  #lateHelloUntil = Number.NEGATIVE_INFINITY;
  /** Another stream is being sought because nothing is heard on the current one. */
  #seeking = false;
  /** The session's. */
  #current: WorkStream | undefined;
  #pingMs = 15_000;
  #failures = 0;
  /** Why the server has sent the agent away; until the next Welcome, failures are expected. */
  #sentAway: string | undefined;
  #welcomed = false;
  #closed = false;
  #onAllEnded: (() => void) | undefined;

  constructor(options: GrpcClientOptions, alarms: Alarms, log: Logger, listener: ConnectionListener) {
    this.#options = options;
    this.#log = log;
    this.#listener = listener;
    this.#connectAlarm = alarms.create(() => {
      if (!this.#seeking || this.#isQuiet()) this.open();
      else this.#foundAgain();
    });
    // What came while the process was busy is read first.
    this.#silenceAlarm = alarms.create(() => setImmediate(() => this.#checkSilence()));
    this.#lingerAlarm = alarms.create(() => {
      for (const stream of this.#replaced) stream.destroy();
    });
  }

  get connected(): boolean {
    return this.#current !== undefined;
  }

  /** Opens a stream and greets, beside the current one if there is one. */
  open(): void {
    if (this.#opening || this.#closed) return;
    this.#connectAlarm.clear();
    const stream = new WorkStream(this.#options, {
      received: (from, message) => this.#received(from, message),
      ended: (from, error) => this.#ended(from, error),
    });
    this.#opening = stream;
    const slower = 2 ** Math.max(0, this.#failures + 1 - QUICK_TRIES);
    const patienceMs = this.#seeking ? SEEK_TIMEOUT_MS * slower : HELLO_TIMEOUT_MS;
    this.#openingEnds = now() + Math.min(patienceMs, HELLO_TIMEOUT_MS);
    stream.send({ case: 'hello', value: this.#listener.hello() });
    if (this.#seeking) stream.knock();
    this.#silenceAlarm.setAtLatest(this.#openingEnds);
  }

  /** Sends on the session's stream. Without a session the message is dropped: Hello says what is held. */
  send(message: ToServer): void {
    this.#current?.send(message);
  }

  /** Ends the session in order; resolves when every stream is over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#connectAlarm.clear();
    this.#silenceAlarm.clear();
    this.#opening?.destroy();
    if (this.#current) this.#replace(this.#current);
    this.#current = undefined;
    if (this.#replaced.size > 0) await new Promise<void>((resolve) => (this.#onAllEnded = resolve));
    this.#lingerAlarm.clear();
  }

  #received(stream: WorkStream, message: FromServer): void {
    if (message.case === 'ping') {
      stream.send({ case: 'pong', value: { $typeName: 'reeve.v1.Pong', nonce: message.value.nonce } });
    } else if (message.case === 'keepAlive') {
      stream.withinMs = message.value.within ? durationMs(message.value.within) : Number.POSITIVE_INFINITY;
      if (stream === this.#current) this.#silenceAlarm.setAtLatest(this.#quietAt(stream));
    } else if (message.case === 'goAway') {
      this.#goAway(stream, message.value);
    } else if (stream !== this.#opening) {
      this.#listener.received(message, stream === this.#current);
    } else if (message.case === 'welcome') {
      this.#adopt(stream, message.value);
    }
  }

  #adopt(stream: WorkStream, welcome: Welcome): void {
    if (this.#current) this.#replace(this.#current);
    this.#current = stream;
    this.#opening = undefined;
    this.#seeking = false;
    if (this.#failures > 0) this.#log.info('connected again', { address: stream.address });
    this.#failures = 0;
    this.#sentAway = undefined;
    this.#welcomed = true;
    if (welcome.pingInterval) this.#pingMs = durationMs(welcome.pingInterval);
    this.#silenceAlarm.set(now() + 3 * this.#pingMs);
    this.#log.debug('connected', { address: stream.address, sessionId: welcome.sessionId });
    this.#listener.welcomed(welcome);
  }

  #replace(stream: WorkStream): void {
    this.#replaced.add(stream);
    this.#lingerAlarm.setAtLatest(now() + LINGER_MS);
    stream.end();
  }

  /** Of a stream that is being replaced it says nothing new: the successor's Hello caused it. */
  #goAway(stream: WorkStream, { reason, reconnectAfter }: GoAway): void {
    if (this.#replaced.has(stream) || (stream === this.#current && this.#opening)) return;
    // A Hello of its own that was lost caused it: another stream will follow when this one ends.
    if (reason === 'SESSION_SUPERSEDED' && stream === this.#current && now() < this.#lateHelloUntil) return;
    if (FINAL_REASONS.has(reason) || !reconnectAfter) {
      this.#refuse(
        new ReeveError(`the coordinator has ended the session for good: ${reason}`, {
          code: 'FAILED_PRECONDITION',
          reason,
        }),
      );
      return;
    }
    const reconnectInMs = durationMs(reconnectAfter);
    if (reason === 'SHUTDOWN') {
      this.#log.info('the coordinator shuts down; connecting again', { reason, reconnectInMs });
    } else {
      this.#log.debug('moving to another stream', { reason, reconnectInMs });
    }
    this.#sentAway = reason;
    this.#seeking = false;
    if (stream === this.#current) this.#connectAlarm.setAtLatest(now() + reconnectInMs);
    else stream.destroy();
  }

  #ended(stream: WorkStream, error: ReeveError | undefined): void {
    if (this.#replaced.delete(stream)) {
      if (this.#replaced.size === 0) this.#onAllEnded?.();
      return;
    }
    const wasCurrent = stream === this.#current;
    const successor = wasCurrent && this.#opening;
    if (wasCurrent) {
      this.#current = undefined;
      this.#seeking = false;
      this.#listener.disconnected();
    } else {
      this.#opening = undefined;
      this.#lateHelloUntil = now() + LATE_HELLO_MS;
    }
    if (this.#closed) return;
    if (successor) return;
    const final = error && (FINAL_REASONS.has(error.reason) || (isFinal(error) && !this.#welcomed));
    if (final) this.#refuse(error);
    else this.#openLater(error, now() - stream.openedAt);
  }

  /** @param triedMs how long whoever was tried has had: as long, another would have waited */
  #openLater(error: ReeveError | undefined, triedMs: number): void {
    const waitMs = this.#seeking
      ? Math.max(0, waitBefore(this.#failures++, SEEK, error) - triedMs)
      : waitBefore(this.#failures++, RECONNECT, error);
    this.#connectAlarm.setAtLatest(now() + waitMs);
    const message = error?.message ?? `the coordinator at ${this.#options.address} has ended the stream`;
    const reason = error?.reason ?? this.#sentAway ?? 'ENDED';
    const fields = { reason, reconnectInMs: Math.round(waitMs) };
    const unexpected = this.#sentAway === undefined ? 1 : FAILURES_OF_A_RESTART + 1;
    if (this.#failures === unexpected) this.#log.warn(message, fields);
    else this.#log.debug(message, fields);
  }

  #refuse(error: ReeveError): void {
    this.#connectAlarm.clear();
    this.#closed = true;
    this.#listener.refused(error);
  }

  /** When whoever is at the other end has said nothing for so long that it may be frozen. */
  #quietAt({ lastHeardAt, withinMs }: WorkStream): number {
    return lastHeardAt + 3 * withinMs;
  }

  #isQuiet(): boolean {
    return this.#current !== undefined && this.#quietAt(this.#current) <= now();
  }

  /** It was only slow. */
  #foundAgain(): void {
    this.#seeking = false;
    this.#failures = 0;
    if (this.#current) this.#silenceAlarm.setAtLatest(this.#quietAt(this.#current));
  }

  #checkSilence(): void {
    if (this.#closed) return;
    if (this.#opening && this.#openingEnds <= now()) this.#giveUp(this.#opening);
    if (this.#current && this.#current.lastHeardAt + 3 * this.#pingMs <= now()) this.#giveUp(this.#current);
    if (this.#isQuiet() && !this.#seeking && !this.#opening) {
      this.#log.info('nothing is heard of the coordinator; trying another stream', {
        address: this.#options.address,
      });
      this.#seeking = true;
      this.open();
    }
    const times = [
      ...(this.#opening ? [this.#openingEnds] : []),
      ...(this.#current ? [this.#current.lastHeardAt + 3 * this.#pingMs] : []),
      ...(this.#current && !this.#seeking ? [this.#quietAt(this.#current)] : []),
    ];
    const next = Math.min(...times);
    if (next < Number.POSITIVE_INFINITY) this.#silenceAlarm.setAtLatest(next);
  }

  #giveUp(stream: WorkStream): void {
    const silentMs = Math.round(now() - stream.lastHeardAt);
    if (stream === this.#current || !this.#seeking) {
      this.#log.warn('the coordinator has fallen silent', { address: stream.address, silentMs });
    }
    stream.destroy();
  }
}
