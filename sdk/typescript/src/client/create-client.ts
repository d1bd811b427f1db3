import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import { type Task, TaskView } from '../gen/reeve/v1/task_pb.js';
import { taskStateName } from '../names.js';
import { clientClosed, ReeveError } from '../transport/errors.js';
import { defaultAddress, GrpcClient } from '../transport/grpc-client.js';
import { sleep } from '../transport/retry.js';
import { type TaskEventInfo, type TaskInfo, taskEventInfo, taskInfo } from '../views.js';
import { type AgentsClient, createAgentsClient, readServerInfo, type ServerInfo } from './agents.js';
import { type ApprovalsClient, createApprovalsClient } from './approvals.js';
import { type Call, createCall } from './call.js';
import type {
  CancelOptions,
  Client,
  ClientOptions,
  SubmitOutcome,
  TaskChanges,
  TaskGetOptions,
  TaskHandle,
  TaskQuery,
  TaskSelection,
  TaskUpdate,
  WaitOptions,
  WorkflowSelection,
} from './client.js';
import { type ConfigClient, createConfigClient } from './config.js';
import {
  createRolesClient,
  createSubjectsClient,
  type RolesClient,
  type SubjectsClient,
} from './directory.js';
import { type ExplanationInfo, explanationInfo } from './explanation.js';
import { createJobKindsClient, type JobKindsClient } from './job-kinds.js';
import { type OnOptions, subscribe, type Unsubscribe } from './on.js';
import { createOperationsClient, type OperationsClient } from './operations.js';
import { listPages } from './pages.js';
import { createPoliciesClient, type PoliciesClient } from './policies.js';
import { createQueueClient, type QueueClient } from './queue.js';
import { reasonOf } from './reason.js';
import { type Submitted, submitAndWait } from './submit-and-wait.js';
import { SubmitQueue } from './submit-queue.js';
import { updateMessage } from './task-changes.js';
import { filterMessage } from './task-filter.js';
import { outputOf, WaitTimeoutError } from './task-outcome.js';
import type { TaskRequest } from './task-request.js';
import { WaitHub } from './wait-hub.js';
import { type WatchOptions, watchTasks } from './watch.js';
import { watchSelection } from './watch-selection.js';
import { type WorkflowUpdate, watchWorkflow } from './watch-workflow.js';
import { createWorkflowsClient, type WorkflowsClient } from './workflows.js';

const READY_INTERVAL_MS = 100;
const { method } = CoordinatorService;

/** Makes a client. It connects with the first call. */
export function createClient(options: ClientOptions = {}): Client {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const address = options.address ?? defaultAddress();
  const grpc = new GrpcClient({ address, org: options.org, subject: options.subject });
  return new GrpcBackedClient(grpc, timeoutMs);
}

class GrpcBackedClient implements Client {
  readonly agents: AgentsClient;
  readonly queue: QueueClient;
  readonly operations: OperationsClient;
  readonly roles: RolesClient;
  readonly subjects: SubjectsClient;
  readonly approvals: ApprovalsClient;
  readonly config: ConfigClient;
  readonly jobKinds: JobKindsClient;
  readonly policies: PoliciesClient;
  readonly workflows: WorkflowsClient;
  readonly #grpc: GrpcClient;
  readonly #call: Call;
  readonly #timeoutMs: number;
  readonly #submissions: SubmitQueue;
  readonly #waits: WaitHub;

  constructor(grpc: GrpcClient, timeoutMs: number) {
    this.#grpc = grpc;
    this.#timeoutMs = timeoutMs;
    this.#call = createCall(grpc, timeoutMs);
    this.#submissions = new SubmitQueue(grpc, timeoutMs);
    this.#waits = new WaitHub(grpc);
    this.agents = createAgentsClient(this.#call, grpc);
    this.queue = createQueueClient(this.#call);
    this.operations = createOperationsClient(this.#call);
    this.roles = createRolesClient(this.#call);
    this.subjects = createSubjectsClient(this.#call);
    this.approvals = createApprovalsClient(this.#call);
    this.config = createConfigClient(this.#call, grpc);
    this.jobKinds = createJobKindsClient(this.#call);
    this.policies = createPoliciesClient(this.#call);
    this.workflows = createWorkflowsClient(this.#call, grpc);
  }

  get address(): string {
    return this.#grpc.address;
  }

  async submit<O>(task: TaskRequest): Promise<TaskHandle<O>> {
    if (task.assignWaitMs) return this.#handle(await submitAndWait(this.#grpc, task, this.#timeoutMs));
    return this.#handle(await this.#submissions.submit(task));
  }

  submitMany(tasks: readonly TaskRequest[]): Promise<SubmitOutcome[]> {
    const failed = (error: unknown): SubmitOutcome => ({ ok: false, error: this.#grpc.toError(error) });
    return Promise.all(
      tasks.map((task) =>
        task.assignWaitMs
          ? this.submit(task).then((handle): SubmitOutcome => ({ ok: true, task: handle }), failed)
          : this.#submissions.submit(task).then((submitted): SubmitOutcome => {
              return { ok: true, task: this.#handle(submitted) };
            }, failed),
      ),
    );
  }

  async run<O>(task: TaskRequest, options?: WaitOptions): Promise<O> {
    const { taskId } = await this.#submissions.submit(task);
    return this.wait(taskId, options);
  }

  async wait<O>(taskId: string, { signal, timeoutMs }: WaitOptions = {}): Promise<O> {
    signal?.throwIfAborted();
    const { ended, stop } = this.#waits.wait(taskId);
    let timer: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    const givenUp = new Promise<never>((_, reject) => {
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => reject(new WaitTimeoutError(taskId, timeoutMs)), timeoutMs);
      }
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return outputOf<O>(await (signal || timeoutMs !== undefined ? Promise.race([ended, givenUp]) : ended));
    } finally {
      stop();
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  watch(taskIds: string | readonly string[], options?: WatchOptions): AsyncIterable<TaskInfo>;
  watch(selection: TaskSelection, options?: Pick<WatchOptions, 'signal'>): AsyncIterable<TaskUpdate>;
  watch(
    what: string | readonly string[] | TaskSelection,
    options: WatchOptions = {},
  ): AsyncIterable<TaskInfo> | AsyncIterable<TaskUpdate> {
    if (isSelection(what)) return watchSelection(this.#grpc, what, options.signal);
    return watchTasks(this.#grpc, typeof what === 'string' ? [what] : what, options);
  }

  on(
    subject: 'task' | 'workflow',
    what: string | readonly string[] | TaskSelection | WorkflowSelection,
    handler: Listener<TaskInfo> | Listener<TaskUpdate> | Listener<WorkflowUpdate>,
    options?: OnOptions,
  ): Unsubscribe {
    return subscribe(
      this.#grpc,
      (signal): AsyncIterable<unknown> => {
        if (subject === 'task') return this.watch(what as string & TaskSelection, { signal });
        const selection = typeof what === 'string' ? { workflowId: what } : (what as WorkflowSelection);
        return watchWorkflow(this.#grpc, selection.workflowId, { ...selection, signal });
      },
      handler as Listener<unknown>,
      options,
    );
  }

  async get(taskId: string, { checkpoint = false }: TaskGetOptions = {}): Promise<TaskInfo> {
    return infoOf(await this.#call(method.getTask, { taskId, withCheckpoint: checkpoint }));
  }

  list(query: TaskQuery = {}): AsyncIterable<TaskInfo> {
    return listPages(query.limit, async (page) => {
      const answer = await this.#call(method.listTasks, {
        ...page,
        filter: filterMessage(query),
        view: query.full ? TaskView.FULL : TaskView.BASIC,
      });
      return { items: answer.tasks.map(taskInfo), nextPageToken: answer.nextPageToken };
    });
  }

  events(taskId: string): AsyncIterable<TaskEventInfo> {
    return listPages(undefined, async (page) => {
      const { events, nextPageToken } = await this.#call(method.listTaskEvents, { ...page, taskId });
      return { items: events.map(taskEventInfo), nextPageToken };
    });
  }

  async explain(taskId: string, { maxCandidates = 0 } = {}): Promise<ExplanationInfo> {
    const { explanation } = await this.#call(method.explainTask, { taskId, maxCandidates });
    if (!explanation)
      throw new ReeveError('the coordinator answered without the explanation', { code: 'INTERNAL' });
    return explanationInfo(explanation);
  }

  async update(taskId: string, changes: TaskChanges): Promise<TaskInfo> {
    return infoOf(await this.#call(method.updateTask, updateMessage(taskId, changes)));
  }

  async cancel(taskId: string, options: CancelOptions = {}): Promise<TaskInfo> {
    const { graceMs } = options;
    const grace = graceMs === undefined ? {} : { grace: durationFromMs(graceMs) };
    return infoOf(await this.#call(method.cancelTask, { taskId, reason: reasonOf(options), ...grace }));
  }

  async retry(taskId: string, options?: { readonly reason?: string }): Promise<TaskInfo> {
    return infoOf(await this.#call(method.retryTask, { taskId, reason: reasonOf(options) }));
  }

  serverInfo(): Promise<ServerInfo> {
    return readServerInfo(this.#call);
  }

  async ready({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await readServerInfo(createCall(this.#grpc, deadline - Date.now()));
        return;
      } catch (cause) {
        const error = this.#grpc.toError(cause);
        if (!error.retryable || Date.now() + READY_INTERVAL_MS >= deadline) throw error;
        await sleep(READY_INTERVAL_MS);
      }
    }
  }

  close(): void {
    this.#waits.close(clientClosed());
    this.#grpc.close();
  }

  #handle<O>(submitted: Omit<Submitted, 'agentId'> & { readonly agentId?: string }): TaskHandle<O> {
    const { taskId, state, alreadySubmitted, agentId = '', notes } = submitted;
    return {
      taskId,
      state: taskStateName(state),
      alreadySubmitted,
      agentId,
      notes,
      wait: (options) => this.wait<O>(taskId, options),
      watch: (options) => this.watch(taskId, options),
      cancel: (options) => this.cancel(taskId, options),
    };
  }
}

type Listener<T> = (update: T) => unknown;

function isSelection(what: string | readonly string[] | TaskSelection): what is TaskSelection {
  return typeof what === 'object' && !Array.isArray(what);
}

function infoOf({ task }: { readonly task?: Task | undefined }): TaskInfo {
  if (!task) throw new ReeveError('the coordinator answered without the task', { code: 'INTERNAL' });
  return taskInfo(task);
}
