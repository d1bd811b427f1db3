import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { type Hello, HelloSchema } from '../gen/reeve/v1/work_pb.js';
import { ReeveError } from '../transport/errors.js';
import { defaultAddress, type GrpcClientOptions } from '../transport/grpc-client.js';
import { type Alarm, Alarms, now } from './alarms.js';
import { Attempts, type Registration } from './attempts.js';
import { type Bidder, Bidding } from './bidding.js';
import { Connection } from './connection.js';
import type { Handler } from './handler-context.js';
import { jsonLog, type Logger, withFields } from './log.js';
import { type AgentOptions, agentSpec, defaultAgentId } from './options.js';
import type { StandardSchema } from './schema.js';
import { untilSignalled } from './signals.js';
import { Standby } from './standby/standby.js';

export interface HandleOptions<I> {
  /** Checks and types the input. What does not match fails the task with INVALID_INPUT, not retryable. */
  readonly input?: StandardSchema<I>;
  /** Attempts after the first, within the task's own retry policy. Default: as many as that allows. */
  readonly retries?: number;
}

export interface StopOptions {
  /** How long running handlers may go on before they are aborted, in ms. Default 10,000. */
  readonly graceMs?: number;
}

/** A process's part in the fleet: dials out, takes tasks and runs their handlers. Made by {@link agent}. */
export interface Agent {
  readonly agentId: string;
  /**
   * Says what to do with a kind of task; the kind becomes a capability. What the handler returns
   * is the output: bytes as they are, `undefined` as nothing, anything else as JSON. What it
   * throws is the failure: a `TaskError` as it says, any other error under its name, retryable.
   * Before `start` only.
   */
  handle<I = unknown, O = unknown>(kind: string, handler: Handler<I, O>): this;
  handle<I = unknown, O = unknown>(kind: string, options: HandleOptions<I>, handler: Handler<I, O>): this;
  /**
   * Bids for tasks that are auctioned, where the organisation asks agents (`auction_bids` is `live`). Without it
   * this agent takes no part in such auctions. Before `start` only.
   */
  onBid(bidder: Bidder): this;
  /**
   * Resolves once a coordinator has said Welcome; until one answers it keeps trying. Rejects with
   * `ReeveError` if the coordinator refuses the agent, or the agent was stopped.
   */
  start(): Promise<void>;
  /**
   * Takes nothing new, lets running handlers end, reports their results, and disconnects. When
   * the grace is over, handlers are aborted and have a second to end. May be called again to
   * shorten the grace.
   */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Starts, stops on SIGTERM or SIGINT, and resolves when it has stopped; a second signal ends
   * the process. Rejects if the coordinator ended the session for good.
   */
  run(): Promise<void>;
  /**
   * `error`: the coordinator ended the session for good (reason SESSION_SUPERSEDED or
   * DEREGISTERED, for example); the agent has stopped.
   */
  on(event: 'error', listener: (error: ReeveError) => void): this;
}

/** Makes an agent. It connects with `start` or `run`. */
export function agent(options: AgentOptions = {}): Agent {
  return new StreamAgent(options);
}

const CLIENT = 'reeve-sdk-typescript/0.1.0';
const DEFAULT_GRACE_MS = 10_000;
const DEFAULT_STALL_CAP_MS = 600_000;
/** For aborted handlers to end and their results to be acknowledged. */
const LAST_WORDS_MS = 1_000;

class StreamAgent extends EventEmitter<{ error: [ReeveError] }> implements Agent {
  readonly agentId: string;
  readonly #options: AgentOptions;
  readonly #slots: number;
  readonly #log: Logger;
  readonly #instanceKey = randomUUID();
  readonly #handlers = new Map<string, Registration>();
  readonly #attempts: Attempts;
  readonly #connection: Connection;
  readonly #graceAlarm: Alarm;
  #bidding: Bidding | undefined;
  #graceOver = false;
  /** The coordinator will have no session with this agent any more. */
  #final = false;
  #giveUp = () => {};
  #started: PromiseWithResolvers | undefined;
  #stopping: Promise<void> | undefined;
  #stopped = promiseWithResolvers();

  constructor(options: AgentOptions) {
    super();
    this.agentId = options.agentId ?? defaultAgentId();
    this.#options = options;
    this.#slots = options.slots ?? 3;
    this.#log = withFields(options.log ?? jsonLog, { agentId: this.agentId });
    const alarms = new Alarms();
    const address = options.address ?? defaultAddress();
    const target = { address, org: options.org, subject: this.agentId };
    this.#graceAlarm = alarms.create(() => this.#graceEnds());
    this.#attempts = new Attempts({
      slots: this.#slots,
      handlers: this.#handlers,
      log: this.#log,
      alarms,
      standby: this.#standby(target, alarms),
      send: (message) => this.#connection.send(message),
      connected: () => this.#connection.connected,
    });
    this.#connection = new Connection(target, alarms, this.#log, {
      hello: () => this.#hello(),
      welcomed: (welcome) => {
        this.#attempts.beginSession(welcome);
        this.#started?.resolve();
      },
      received: (message, current) => {
        if (message.case === 'bidRequests') this.#bidding?.received(message.value);
        else this.#attempts.received(message, current);
      },
      disconnected: () => {
        this.#attempts.endSession();
        if (this.#graceOver || this.#final) this.#abandon();
      },
      refused: (error) => void this.#refused(error),
    });
  }

  handle<I, O>(kind: string, ...rest: [Handler<I, O>] | [HandleOptions<I>, Handler<I, O>]): this {
    if (this.#started)
      throw new Error('handle() comes before start(): an agent says what it can do when it connects');
    const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
    this.#handlers.set(kind, {
      handler: handler as Handler,
      schema: options.input,
      retries: options.retries ?? Number.POSITIVE_INFINITY,
    });
    return this;
  }

  onBid(bidder: Bidder): this {
    if (this.#started)
      throw new Error('onBid() comes before start(): an agent says that it bids when it connects');
    this.#bidding = new Bidding(bidder, this.#log, (message) => this.#connection.send(message));
    return this;
  }

  start(): Promise<void> {
    if (this.#stopping) return Promise.reject(stoppedError());
    if (!this.#started) {
      this.#started = promiseWithResolvers();
      this.#connection.open();
    }
    return this.#started.promise;
  }

  stop({ graceMs = DEFAULT_GRACE_MS }: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#drain();
    if (!this.#graceOver) this.#graceAlarm.setAtLatest(now() + graceMs);
    return this.#stopping;
  }

  async run(): Promise<void> {
    const signals = untilSignalled((signal) => {
      this.#log.info(`${signal}: finishing what is running; once more ends the process`);
      void this.stop();
    });
    try {
      await this.start().catch((error) => {
        if (!this.#stopping) throw error;
      });
      await this.#stopped.promise;
    } finally {
      signals.dispose();
    }
  }

  async #drain(failure?: ReeveError): Promise<void> {
    this.#attempts.drain();
    const givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));
    await Promise.race([this.#attempts.settled(), givenUp]);
    this.#graceAlarm.clear();
    this.#graceOver = true;
    this.#attempts.close();
    await this.#connection.close();
    this.#started?.reject(failure ?? stoppedError());
    if (failure) this.#stopped.reject(failure);
    else this.#stopped.resolve();
  }

  /** First handlers are aborted; then, or if there is nobody to report to, they are given up. */
  #graceEnds(): void {
    const lastWords = !this.#graceOver && this.#connection.connected;
    this.#graceOver = true;
    this.#attempts.abortAll('AGENT_STOPPED', 'the agent stops');
    if (lastWords) this.#graceAlarm.set(now() + LAST_WORDS_MS);
    else this.#giveUp();
  }

  /** The results of what runs count only as long as the session's stream is there to report them. */
  async #refused(error: ReeveError): Promise<void> {
    this.#final = true;
    if (!this.#stopping) {
      this.#log.error(error.message, { reason: error.reason });
      this.#stopping = this.#drain(error);
      this.#graceAlarm.setAtLatest(now() + DEFAULT_GRACE_MS);
    }
    if (!this.#connection.connected || error.reason === 'SESSION_SUPERSEDED') this.#abandon();
    await this.#stopping;
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  /** Nothing that still runs can be reported. */
  #abandon(): void {
    this.#attempts.abortAll('LEASE_LOST', 'the session with the coordinator has ended');
    this.#giveUp();
  }

  #standby(target: GrpcClientOptions, alarms: Alarms): Standby | undefined {
    const { renewWhileBlocked = true, stallCapMs = DEFAULT_STALL_CAP_MS } = this.#options;
    if (!(stallCapMs >= 0)) throw new RangeError(`stallCapMs must be 0 or more, not ${stallCapMs}`);
    if (!renewWhileBlocked) return undefined;
    const { agentId } = this;
    return new Standby({ agentId, target, stallCapMs, slots: this.#slots, alarms, log: this.#log });
  }

  #hello(): Hello {
    return create(HelloSchema, {
      agent: agentSpec(this.agentId, this.#options, this.#handlers.keys()),
      instanceKey: this.#instanceKey,
      slots: this.#slots,
      heldLeases: this.#attempts.held(),
      protocolVersion: 1,
      features: this.#bidding ? ['bids'] : [],
      client: CLIENT,
    });
  }
}

function stoppedError(): ReeveError {
  return new ReeveError('the agent was stopped', { code: 'CANCELLED', reason: 'AGENT_STOPPED' });
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: ReeveError) => void;
}

/** Its rejection is nobody's unless somebody awaits it. */
function promiseWithResolvers(): PromiseWithResolvers {
  let resolve = () => {};
  let reject: (error: ReeveError) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
