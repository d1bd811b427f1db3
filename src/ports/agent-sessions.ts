import type { Lease } from '../domain/tasks/lease.js';
import type { Payload } from '../domain/tasks/task.js';

/** A claimed task on its way to the agent that holds the session. */
export interface Delivery {
  readonly sessionId: string;
  readonly lease: Lease;
  readonly body: Uint8Array;
  readonly createTime: number;
  /** What an earlier attempt left. Default: none did. */
  readonly checkpoint?: Payload;
}

/** An attempt to be stopped. */
export interface CancelNotice {
  readonly org: string;
  readonly agentId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly cause: 'CANCELLED' | 'ATTEMPT_TIMED_OUT' | 'DEADLINE_PASSED' | 'PREEMPTED';
  readonly reason: string;
  readonly graceMs: number;
}

/** The Work streams this coordinator holds. */
export interface AgentSessions {
  /** Sends assignments; answers with those whose session is gone or whose reader is too slow. */
  deliver(deliveries: readonly Delivery[]): readonly Delivery[];
  /** Tells agents to stop attempts. Best effort: renewals repeat it. */
  cancel(notices: readonly CancelNotice[]): void;
  /** Leases ended without the agent's doing; sessions forget them and tell the agent. */
  revoke(
    leases: readonly {
      readonly org: string;
      readonly agentId: string;
      readonly taskId: string;
      readonly epoch: number;
    }[],
  ): void;
  /** Ends the streams of an agent, after it was deregistered. */
  goAway(org: string, agentId: string, reason: string): void;
}
