import type { JsonValue } from '../domain/json.js';
import type { DurationTerms } from '../domain/order/duration-term.js';
import type { RetryPolicy } from '../domain/tasks/retry.js';
import type { TaskSpec } from '../domain/tasks/task.js';
import type { Terms } from '../domain/tasks/terms.js';
import type { HeadStarts } from '../domain/tasks/tier.js';
import type { CommonDraft, TaskDraft } from '../domain/workflows/task-draft.js';
import type { AgentSessions } from '../ports/agent-sessions.js';
import type { AuctionRecord } from '../ports/auction-record.js';
import type { Bidding } from '../ports/bidding.js';
import type { CandidatePools } from '../ports/candidate-pools.js';
import type { Clock } from '../ports/clock.js';
import type { Deadlines } from '../ports/deadlines.js';
import type { ExpectedDurations } from '../ports/expected-durations.js';
import type { ExpressionEngine } from '../ports/expression-engine.js';
import type { Failpoints } from '../ports/failpoints.js';
import type { Fleet } from '../ports/fleet.js';
import type { IdSource } from '../ports/id-source.js';
import type { Log } from '../ports/log.js';
import type { OrgRules } from '../ports/org-rules.js';
import type { Outages } from '../ports/outages.js';
import type { PolicyEngine } from '../ports/policy-engine.js';
import type { ReadyIndex } from '../ports/ready-index.js';
import type { TaskChanges } from '../ports/task-changes.js';
import type { TaskRecord } from '../ports/task-record.js';
import type { WorkflowKey, WorkflowRecord } from '../ports/workflow-record.js';

/** What the use cases need of the world; main.ts puts it together. */
export interface Ports {
  readonly record: TaskRecord;
  readonly index: ReadyIndex;
  readonly outages: Outages;
  readonly deadlines: Deadlines;
  readonly fleet: Fleet;
  readonly sessions: AgentSessions;
  readonly changes: TaskChanges;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly failpoints: Failpoints;
  readonly rules: Rules;
  readonly orgRules: OrgRules;
  readonly durations: ExpectedDurations;
  readonly policies: PolicyEngine;
  readonly expressions: ExpressionEngine;
  readonly pools: CandidatePools;
  readonly specs: SpecReader;
  /** Told of workflows of which tasks have ended or run again. Default: nobody asks. */
  readonly wakeWorkflows?: (keys: readonly WorkflowKey[]) => void;
  readonly workflows: WorkflowRecord;
  readonly auctions: AuctionRecord;
  readonly bidding: Bidding;
}

/** Looks into the body of a spec, which the core otherwise only carries. */
export interface SpecReader {
  termsOf(body: Uint8Array): Terms;
  /** `null` if there is none or it is not JSON. */
  inputOf(body: Uint8Array): JsonValue;
  /** Whether there is one, JSON or not. */
  hasInput(body: Uint8Array): boolean;
}

/** Makes specs of tasks that no message has asked for. Both throw INVALID_ARGUMENT where a submission is refused. */
export interface SpecWriter {
  /** @returns what makes the spec of each */
  begin(common: CommonDraft): (own: TaskDraft) => { readonly spec: TaskSpec; readonly terms: Terms };
}

/** Figures the use cases go by, from the settings. Spans in ms. */
export interface Rules {
  readonly headStarts: HeadStarts;
  readonly durationTerms: DurationTerms;
  readonly defaultRetry: RetryPolicy;
  readonly leaseMs: number;
  /** How soon an assignment must be accepted. */
  readonly acceptMs: number;
  /** How long the record keeps an assignment that was not accepted. */
  readonly assignedMs: number;
  /** An assignment older than this is not sent any more. */
  readonly staleAssignmentMs: number;
  readonly cancelGraceMs: number;
  /** How long leases are kept from memory while the record is away. */
  readonly outageGraceMs: number;
  readonly maxPayloadBytes: number;
}
