import type { ClientDuplexStream } from '@grpc/grpc-js';
import { AgentService } from '../gen/reeve/v1/agent_service_pb.js';
import type { WorkRequest, WorkResponse } from '../gen/reeve/v1/work_pb.js';
import type { ReeveError } from '../transport/errors.js';
import { GrpcClient, type GrpcClientOptions } from '../transport/grpc-client.js';
import { now } from './alarms.js';

export type ToServer = Exclude<WorkRequest['message'], { case: undefined }>;
export type FromServer = WorkResponse['message'];

/** Longer than a balancer waits for it. */
const KNOCK_MS = 5_000;

export interface WorkStreamListener {
  received(stream: WorkStream, message: FromServer): void;
  /** Called once, whoever ended it. */
  ended(stream: WorkStream, error: ReeveError | undefined): void;
}

/**
 * One Work stream on a connection of its own, so that a stream that is opened anew meets
 * whatever coordinator answers now, not a connection that died silently.
 */
export class WorkStream {
  readonly address: string;
  readonly openedAt = now();
  /** When the server was heard of last, on the agent's clock. */
  lastHeardAt = now();
  /** Within which time the server said that something more will come, in ms; infinite: it did not. */
  withinMs = Number.POSITIVE_INFINITY;
  readonly #grpc: GrpcClient;
  readonly #call: ClientDuplexStream<WorkRequest, WorkResponse>;
  readonly #listener: WorkStreamListener;
  #ending = false;
  #over = false;

  constructor(options: Omit<GrpcClientOptions, 'channel'>, listener: WorkStreamListener) {
    // In-stream pings tell whether the server lives, so HTTP/2's are not needed.
    const channel = {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.keepalive_time_ms': -1,
    };
    this.#listener = listener;
    this.#grpc = new GrpcClient({ ...options, channel });
    this.address = this.#grpc.address;
    this.#call = this.#grpc.bidiStream(AgentService.method.work);
    this.#call.on('data', (response: WorkResponse) => {
      this.lastHeardAt = now();
      if (!this.#over) this.#listener.received(this, response.message);
    });
    this.#call.on('error', (error) => this.#finish(this.#grpc.toError(error)));
    this.#call.on('end', () => this.#finish(undefined));
  }

  send(message: ToServer): void {
    if (!this.#ending && !this.#over) this.#call.write({ $typeName: 'reeve.v1.WorkRequest', message });
  }

  /**
   * Asks for a trifle besides. The answer is nothing to the agent, but a balancer that gets none
   * for it knows who is frozen, and gives the next stream to another.
   */
  knock(): void {
    const options = { deadline: Date.now() + KNOCK_MS, repeatable: false };
    this.#grpc.call(AgentService.method.getServerInfo, {}, options).catch(() => {});
  }

  /** Ends the agent's side; the stream is over when the server has ended its own. */
  end(): void {
    if (this.#ending || this.#over) return;
    this.#ending = true;
    this.#call.end();
  }

  /** Ends the stream at once. */
  destroy(): void {
    this.#call.cancel();
    this.#finish(undefined);
  }

  #finish(error: ReeveError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#grpc.close();
    this.#listener.ended(this, error);
  }
}
