import type { WorkResponse } from '@reeve/sdk/protocol';
import type { Lease } from '../../domain/tasks/lease.js';
import type { Backlog } from './backlog.js';
import type { CheckpointWrites } from './checkpoint-writes.js';
import type { WorkWorld } from './work-world.js';

/** Who is at the other end of a Work stream, from Hello. */
export interface Peer {
  readonly agentId: string;
  readonly instanceKey: string;
  readonly slots: number;
  /** It answers requests for bids. Default false. */
  readonly bids?: boolean;
}

/** What the parts of a session share. */
export interface SessionContext {
  readonly world: WorkWorld;
  readonly org: string;
  readonly sessionId: string;
  readonly peer: Peer;
  /** The leases this session may report on, by task id. */
  readonly leases: Map<string, Lease>;
  /** Whether what was said is tried until the record has it. */
  readonly insists: boolean;
  /** Bounds what waits for the record meanwhile. */
  readonly backlog: Backlog;
  /** What attempts leave, on its way there. */
  readonly checkpoints: CheckpointWrites;
  /** Tasks whose results are on their way to the record. */
  readonly settling: Set<string>;
  /** Leases were added that the session did not know of. Without it, it takes none up. */
  onTakenUp?(): Promise<void>;
  send(message: WorkResponse): void;
  /** A lease has ended. */
  forget(taskId: string): void;
}
