import type { AuctionTrail } from '../domain/auctions/trail.js';
import type { Decision } from '../domain/policies/decision.js';
import type { Route } from '../domain/routing/route.js';
import type { Verdict } from '../domain/tasks/admission.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { TaskKey } from './ready-index.js';

/** A waiting task as it is to be: what does not change is given as it is. */
export interface UpdateRequest extends TaskKey {
  /** Of the task that was read. */
  readonly seq: number;
  readonly tier: Tier;
  readonly headStartMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly requirements: Requirements;
  readonly runAt: number | null;
  /** Whether `runAt` is another: then a task that is SCHEDULED or QUEUED goes by it. */
  readonly reschedules: boolean;
  readonly deadline: number | null;
  /** The whole spec, see TaskSpec. */
  readonly body: Uint8Array;
  readonly actor: string;
  /** For the audit event: the fields that changed, with their new values. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface DecideRequest extends TaskKey {
  readonly verdict: Verdict;
  readonly reason: string;
  /** `null`: nobody said anything in time. */
  readonly approver: string | null;
}

export interface RouteRequest extends TaskKey {
  /** Of the task that was read. */
  readonly seq: number;
  /** `null`: it returns to selection. */
  readonly route: Route | null;
  readonly reason: string;
  /** What the policy said that chose, for the trail. */
  readonly decision: Decision | null;
  /** The auction that chose, for the trail. Default none. */
  readonly auction?: AuctionTrail | null;
}

/** What the trail says of a route beside its reason. */
export function routedDetail({
  route,
  decision,
  auction,
}: Pick<RouteRequest, 'route' | 'decision' | 'auction'>) {
  return { ...(route && { route }), ...(decision && { decision }), ...(auction && { auction }) };
}

export interface SkipRequest extends TaskKey {
  /** Of the task that was read. */
  readonly seq: number;
  readonly reason: string;
  /** What a policy said that led to it, for the trail. Default none. */
  readonly decision?: Decision | null;
}

export interface ApprovalQuery {
  readonly org: string;
  readonly all: boolean;
  /** After this one in the order of the list. `null`: from the first. */
  readonly after: { readonly time: number; readonly taskId: string } | null;
  readonly limit: number;
  /** Only that of this task; `after` does not count then. Default: of all. */
  readonly taskId?: string;
}

export interface RetryRequest {
  readonly org: string;
  readonly taskId: string;
  /** Its deadline is so long from now. Default: the one that it has, unless that has passed. */
  readonly timeoutMs?: number;
  readonly reason: string;
  readonly actor: string;
}
