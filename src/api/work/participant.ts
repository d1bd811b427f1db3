import type { ReeveError } from '../../domain/errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { InstanceView } from '../../ports/fleet.js';
import type { AskedBid } from './live-bidding.js';
import type { Peer } from './session-context.js';

/** One process of an agent, whichever way it gets its work. */
export interface Participant {
  readonly sessionId: string;
  readonly org: string;
  readonly peer: Peer;
  /** Whether it can be given work now or later. */
  readonly live: boolean;
  readonly leases: ReadonlyMap<string, Lease>;
  /** When it came: ms since the epoch, and monotonic. */
  readonly connectTime: number;
  readonly connectedAt: number;
  /** Monotonic, ms: when it was last heard of, and last pinged. */
  readonly heardAt: number;
  readonly pingedAt: number;
  view(): InstanceView;
  /** Hands over assignments. False: it takes none. */
  deliver(deliveries: readonly Delivery[]): boolean;
  /** Asks for bids. False: it does not bid. Without it, it never does. */
  askForBids?(asked: readonly AskedBid[]): boolean;
  cancel(notices: readonly CancelNotice[]): void;
  /** A lease is over, and the agent knows. */
  forget(taskId: string): void;
  /** A lease ended without the agent's doing. */
  revoke(taskId: string, epoch: number): void;
  ping(nonce: bigint): void;
  /** Asks the agent to leave. @param afterMs when to come back; `null`: never */
  goAway(reason: string, afterMs: number | null): void;
  ended(): void;
  fail(error: ReeveError): void;
}
