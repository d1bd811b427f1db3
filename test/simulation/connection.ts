import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { WorkRequestSchema, type WorkResponse, WorkResponseSchema } from '@reeve/sdk/protocol';
import type { WorkSession } from '../../src/api/work/work-stream.js';
import type { Coordinator } from './coordinator.js';
import type { Network } from './network.js';

export const ORG = 'default';

export type ToServer = NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>;

/** What an agent's end of a stream is told. */
export interface AgentEnd {
  receive(message: WorkResponse): void;
  /** The stream is over, for whatever reason; told once. */
  closed(): void;
}

/** One Work stream between an agent and a coordinator. Messages keep their order, and are lost with it. */
export class Connection {
  readonly coordinator: Coordinator;
  readonly #network: Network;
  readonly #end: AgentEnd;
  readonly #up: (fn: () => void) => void;
  readonly #down: (fn: () => void) => void;
  #session: WorkSession | undefined;
  #broken = false;
  #told = false;

  constructor(network: Network, coordinator: Coordinator, end: AgentEnd) {
    this.#network = network;
    this.coordinator = coordinator;
    this.#end = end;
    this.#up = network.lane();
    this.#down = network.lane();
    this.#toServer(() => {
      this.#session = coordinator.open({
        principal: { org: ORG, subject: 'agent', roles: ['admin'] },
        send: (message) => {
          this.#down(() => this.#broken || this.#told || end.receive(received(message)));
          return true;
        },
        end: () => this.#down(() => this.#tell()),
        fail: () => this.#down(() => this.#tell()),
      });
    });
  }

  send(message: ToServer): void {
    this.#toServer(() => this.#session?.receive(create(WorkRequestSchema, { message })));
  }

  /** The agent ends its side. */
  finish(): void {
    this.#toServer(() => this.#session?.ended());
  }

  /** The way breaks. @param halfOpen the coordinator is not told, and has to find out by itself */
  break(halfOpen: boolean): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#network.carry(() => this.#tell());
    if (!halfOpen) this.#network.carry(() => this.coordinator.isAlive && this.#session?.closed());
  }

  #toServer(fn: () => void): void {
    this.#up(() => {
      if (this.#broken) return;
      if (this.coordinator.isAlive) fn();
      else this.break(true);
    });
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#end.closed();
  }
}

/** As it is after its way over the wire, where that makes a difference: assignments carry their specs as bytes. */
function received(message: WorkResponse): WorkResponse {
  if (message.message.case !== 'assignments') return message;
  return fromBinary(WorkResponseSchema, toBinary(WorkResponseSchema, message));
}
