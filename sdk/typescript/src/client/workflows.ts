import { randomUUID } from 'node:crypto';
import type { JsonValue, MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { WorkflowState as StateNumber } from '../gen/reeve/v1/workflow_pb.js';
import { WorkflowView } from '../gen/reeve/v1/workflow_reading_pb.js';
import { WorkflowService } from '../gen/reeve/v1/workflow_service_pb.js';
import type { WorkflowSpec } from '../gen/reeve/v1/workflow_spec_pb.js';
import type { ContextPatchSchema, WorkflowProblem } from '../gen/reeve/v1/workflow_steering_pb.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { WorkflowBuilder } from '../workflows/builder.js';
import type { WorkflowDocument } from '../workflows/document.js';
import { readWorkflow } from '../workflows/read-workflow.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { reasonOf } from './reason.js';
import { valueMessage } from './value-message.js';
import { type WorkflowUpdate, type WorkflowWatchOptions, watchWorkflow } from './watch-workflow.js';
import {
  type WorkflowEventInfo,
  type WorkflowInfo,
  type WorkflowNodeInfo,
  type WorkflowState,
  workflowEventInfo,
  workflowHasEnded,
  workflowInfo,
  workflowNodeInfo,
} from './workflow-info.js';
import {
  WorkflowFailedError,
  type WorkflowWaitOptions,
  WorkflowWaitTimeoutError,
} from './workflow-outcome.js';

/** A workflow as a document, a builder, or the message that `readWorkflow` makes. */
export type WorkflowLike = WorkflowDocument | WorkflowBuilder | WorkflowSpec;

export interface WorkflowStartOptions {
  /**
   * Names this start, so that a repeat answers with the same workflow. Default: a random UUID, which makes the
   * client's own retries safe.
   */
  readonly requestId?: string;
}

export interface WorkflowGetOptions {
  /** With spec and context. Default false. */
  readonly full?: boolean;
  /** With this part of the context, such as `outputs.digest`. */
  readonly path?: string;
  /** The context as it was at this version. Default: as it is. */
  readonly version?: number;
}

/** A workflow as it was asked for. */
export interface WorkflowReading extends WorkflowInfo {
  /** With a path: its own version, for `updateContext`; 0 if nothing was ever there. */
  readonly pathVersion: number;
}

export interface WorkflowQuery {
  readonly states?: readonly WorkflowState[];
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/** One change of a context. */
export interface WorkflowContextPatch {
  readonly path: string;
  /** What is there afterwards. Left out: nothing. */
  readonly value?: JsonValue;
  /** As `pathVersion` was read; ABORTED (VERSION_MISMATCH) if it is another now. Default: whichever. */
  readonly expectedVersion?: number;
}

export interface WorkflowProblemInfo {
  /** Such as `spec.groups[0].tasks[2].depends_on[0]`. */
  readonly field: string;
  /** Such as CYCLE. */
  readonly reason: string;
  readonly description: string;
}

/** What a coordinator says of a workflow that it has not started. */
export interface WorkflowVerdict {
  readonly valid: boolean;
  readonly problems: readonly WorkflowProblemInfo[];
  readonly warnings: readonly WorkflowProblemInfo[];
  /** What would run, in the order of the spec. */
  readonly plan: readonly WorkflowNodeInfo[];
  /** Nodes that can run side by side, from the first ones on, as `group.task`. */
  readonly stages: readonly (readonly string[])[];
}

/** A workflow that was accepted, or one by its id. */
export interface WorkflowHandle {
  readonly workflowId: string;
  /** Whether its request id had been seen before. */
  readonly alreadyStarted: boolean;
  /** What is worth knowing, for people. */
  readonly notes: readonly string[];
  /** See {@link WorkflowsClient}; so are the others. */
  wait(options?: WorkflowWaitOptions): Promise<WorkflowInfo>;
  watch(options?: WorkflowWatchOptions): AsyncIterable<WorkflowUpdate>;
  get(options?: WorkflowGetOptions): Promise<WorkflowReading>;
  context<T = JsonValue>(path?: string, options?: { readonly version?: number }): Promise<T | undefined>;
  cancel(options?: { readonly reason?: string }): Promise<WorkflowInfo>;
  retry(options?: { readonly reason?: string }): Promise<WorkflowInfo>;
  events(): AsyncIterable<WorkflowEventInfo>;
  updateContext(patches: readonly WorkflowContextPatch[]): Promise<number>;
  restoreContext(version: number): Promise<number>;
}

/** Groups of tasks that depend on each other, as `client.workflows`. Every method throws `ReeveError`. */
export interface WorkflowsClient {
  /**
   * Resolves once the workflow is in the coordinator's record. INVALID_ARGUMENT (WORKFLOW_INVALID) with a
   * violation for each problem; `WorkflowDocumentError` for what is no workflow at all.
   */
  start(workflow: WorkflowLike, options?: WorkflowStartOptions): Promise<WorkflowHandle>;
  /** One that was started before; asks nobody whether it is there. */
  handle(workflowId: string): WorkflowHandle;
  /** What is wrong with it, and what would run. Nothing is stored. */
  validate(workflow: WorkflowLike): Promise<WorkflowVerdict>;
  /** NOT_FOUND (WORKFLOW_NOT_FOUND). */
  get(workflowId: string, options?: WorkflowGetOptions): Promise<WorkflowReading>;
  /** Newest first, without nodes. */
  list(query?: WorkflowQuery): AsyncIterable<WorkflowInfo>;
  /**
   * Waits until it has ended; answers it SUCCEEDED or PARTIAL. Throws `WorkflowFailedError` where it FAILED or was
   * CANCELLED, `WorkflowWaitTimeoutError`.
   */
  wait(workflowId: string, options?: WorkflowWaitOptions): Promise<WorkflowInfo>;
  /**
   * Follows it: as it is, then after each change. Ends when it has. Survives reconnects, after which it may be the
   * same as before; yields no event twice.
   */
  watch(workflowId: string, options?: WorkflowWatchOptions): AsyncIterable<WorkflowUpdate>;
  /** Its trail, oldest first. */
  events(workflowId: string): AsyncIterable<WorkflowEventInfo>;
  /** Its context, or a part of it such as `outputs.digest`; `undefined` if there is nothing. */
  context<T = JsonValue>(
    workflowId: string,
    path?: string,
    options?: { readonly version?: number },
  ): Promise<T | undefined>;
  /**
   * All of the changes, or none. Answers the context's version after them. FAILED_PRECONDITION (RESULT_AWAITED where the
   * result of a task that is not over will be written, CONTEXT_PATH_BLOCKED where a path leads through what is no object).
   */
  updateContext(workflowId: string, patches: readonly WorkflowContextPatch[]): Promise<number>;
  /** Makes the context as it was at a version; answers the new one. OUT_OF_RANGE (CONTEXT_VERSION_UNKNOWN, or CONTEXT_VERSION_GONE if it is not one of the newest 1,000). */
  restoreContext(workflowId: string, version: number): Promise<number>;
  /** FAILED_PRECONDITION (WORKFLOW_OVER) if it has ended otherwise. */
  cancel(workflowId: string, options?: { readonly reason?: string }): Promise<WorkflowInfo>;
  /** Runs again what did not succeed. FAILED_PRECONDITION (WORKFLOW_NOT_RETRYABLE). */
  retry(workflowId: string, options?: { readonly reason?: string }): Promise<WorkflowInfo>;
}

const { method } = WorkflowService;
/** How long one call waits: less than a call may take. */
const WAIT_MS = 5_000;

export function createWorkflowsClient(call: Call, grpc: GrpcClient): WorkflowsClient {
  const handleOf = (
    workflowId: string,
    alreadyStarted = true,
    notes: readonly string[] = [],
  ): WorkflowHandle => ({
    ...{ workflowId, alreadyStarted, notes },
    wait: (options) => workflows.wait(workflowId, options),
    watch: (options) => workflows.watch(workflowId, options),
    get: (options) => workflows.get(workflowId, options),
    context: (path, options) => workflows.context(workflowId, path, options),
    cancel: (options) => workflows.cancel(workflowId, options),
    retry: (options) => workflows.retry(workflowId, options),
    events: () => workflows.events(workflowId),
    updateContext: (patches) => workflows.updateContext(workflowId, patches),
    restoreContext: (version) => workflows.restoreContext(workflowId, version),
  });
  const workflows: WorkflowsClient = {
    async start(workflow, { requestId = randomUUID() } = {}) {
      const answer = await call(method.startWorkflow, { spec: specOf(workflow), requestId });
      const { workflowId } = workflowInfo(answer.workflow);
      return handleOf(workflowId, answer.alreadyStarted, answer.notes);
    },
    handle: (workflowId) => handleOf(workflowId),
    async validate(workflow) {
      const answer = await call(method.validateWorkflow, { spec: specOf(workflow) });
      return {
        valid: answer.valid,
        problems: answer.problems.map(problemInfo),
        warnings: answer.warnings.map(problemInfo),
        plan: answer.plan.map(workflowNodeInfo),
        stages: answer.stages.map(({ nodes }) => [...nodes]),
      };
    },
    async get(workflowId, { full = false, path = '', version } = {}) {
      const { workflow, pathVersion } = await call(method.getWorkflow, {
        workflowId,
        view: full ? WorkflowView.FULL : WorkflowView.BASIC,
        contextPath: path,
        ...(version !== undefined && { contextVersion: BigInt(version) }),
      });
      return { ...workflowInfo(workflow), pathVersion: Number(pathVersion) };
    },
    list: ({ states = [], name = '', labels = {}, limit } = {}) =>
      listPages(limit, async (page) => {
        const request = { ...page, states: states.map((s) => StateNumber[s]), name, labels: { ...labels } };
        const answer = await call(method.listWorkflows, request);
        return { items: answer.workflows.map(workflowInfo), nextPageToken: answer.nextPageToken };
      }),
    async wait(workflowId, { signal, timeoutMs } = {}) {
      const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
      for (;;) {
        signal?.throwIfAborted();
        const maxWait = durationFromMs(Math.max(0, Math.min(WAIT_MS, until - Date.now())));
        const asked = call(method.waitWorkflow, { workflowId, maxWait });
        const { workflow } = await (signal ? unlessAborted(asked, signal) : asked);
        const info = workflowInfo(workflow);
        if (info.state === 'SUCCEEDED' || info.state === 'PARTIAL') return info;
        if (workflowHasEnded(info.state)) throw new WorkflowFailedError(info);
        if (timeoutMs !== undefined && Date.now() >= until) {
          throw new WorkflowWaitTimeoutError(workflowId, timeoutMs);
        }
      }
    },
    watch: (workflowId, options = {}) => watchWorkflow(grpc, workflowId, options),
    events: (workflowId) =>
      listPages(undefined, async (page) => {
        const { events, nextPageToken } = await call(method.listWorkflowEvents, { ...page, workflowId });
        return { items: events.map(workflowEventInfo), nextPageToken };
      }),
    async context<T>(workflowId: string, path = '', { version }: { readonly version?: number } = {}) {
      const options = { full: path === '', path, ...(version !== undefined && { version }) };
      const { context } = await workflows.get(workflowId, options);
      return context as T | undefined;
    },
    async updateContext(workflowId, patches) {
      const request = { workflowId, patches: patches.map(patchMessage) };
      return Number((await call(method.updateWorkflowContext, request)).contextVersion);
    },
    async restoreContext(workflowId, version) {
      const request = { workflowId, contextVersion: BigInt(version) };
      return Number((await call(method.restoreWorkflowContext, request)).contextVersion);
    },
    async cancel(workflowId, options) {
      const request = { workflowId, reason: reasonOf(options) };
      return workflowInfo((await call(method.cancelWorkflow, request)).workflow);
    },
    async retry(workflowId, options) {
      const request = { workflowId, reason: reasonOf(options) };
      return workflowInfo((await call(method.retryWorkflow, request)).workflow);
    },
  };
  return workflows;
}

function specOf(workflow: WorkflowLike): WorkflowSpec {
  if (workflow instanceof WorkflowBuilder) return workflow.spec();
  return '$typeName' in workflow ? workflow : readWorkflow(workflow);
}

function problemInfo({ field, reason, description }: WorkflowProblem): WorkflowProblemInfo {
  return { field, reason, description };
}

function patchMessage(patch: WorkflowContextPatch, i: number): MessageInitShape<typeof ContextPatchSchema> {
  const { path, value, expectedVersion } = patch;
  return {
    path,
    ...(value !== undefined && { value: valueMessage(value, ['patches', i, 'value']) }),
    ...(expectedVersion !== undefined && { expectedVersion: BigInt(expectedVersion) }),
  };
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    promise.catch(() => {});
  }
}
