import { PayloadView } from '@reeve/sdk/protocol';
import { type ReeveError, unavailable } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/json.js';
import type { Operation } from '../../domain/operations/operation.js';
import type { Claim, Lease } from '../../domain/tasks/lease.js';
import type { ConfigRecord } from '../../ports/config-record.js';
import type { Directories } from '../../ports/directories.js';
import type { DirectoryRecord } from '../../ports/directory-record.js';
import type { OperationRecord } from '../../ports/operation-record.js';
import type { QueueRecord } from '../../ports/queue-record.js';
import type { Ports } from '../../usecases/ports.js';
import type { LoadedWorkflows } from '../../usecases/workflows/loaded-workflows.js';
import type { WorkflowPorts } from '../../usecases/workflows/workflow-ports.js';
import type { Call } from '../call.js';
import type { Checker } from '../constraints/checker.js';
import type { AgentWatchers } from '../feeds/agent-watch.js';
import type { WorkflowWatchers } from '../feeds/workflow-watch.js';
import type { ProgressOf, TaskMapping } from '../mapping/task.js';
import type { OperationNews } from '../operation-news.js';
import type { TaskWatchers } from '../task-watch.js';
import type { Poller } from '../work/poller.js';
import type { WorkWorld } from '../work/work-world.js';

/** What the server says of itself in GetServerInfo, Welcome and Heartbeat. */
export interface ServerInfo {
  readonly version: string;
  readonly mode: 'embedded' | 'fleet';
  readonly limits: {
    readonly maxPayloadBytes: number;
    readonly maxMessageBytes: number;
    readonly maxBatchItems: number;
  };
  /** How often a heartbeat is expected, in ms. */
  readonly heartbeatIntervalMs: number;
  /** Names of what it can do beyond the protocol version. */
  readonly features?: readonly string[];
}

/** What the unary twins of the Work stream need of it. */
export interface UnaryWork {
  readonly world: WorkWorld;
  poller(org: string, agentId: string, instanceKey: string, slots: number): Poller;
  /** Those of the claims that are held here. */
  held(claims: readonly (Claim & { readonly agentId: string })[]): readonly Lease[];
  /** Claims are over, by the agent's own word: nobody is to hold them any more. */
  forget(claims: readonly (Claim & { readonly agentId: string })[]): Promise<void>;
}

/** What pauses, operations and those that wait for their end need. */
export interface Bulk {
  readonly queues: QueueRecord;
  readonly operations: OperationRecord;
  /** Told of operations that have begun or were cancelled. */
  readonly onOperation: (operation: Operation) => void;
  readonly news: OperationNews;
}

/** What the service of workflows needs. */
export interface WorkflowParts {
  readonly ports: WorkflowPorts;
  /** Their plans. */
  readonly loaded: Pick<LoadedWorkflows, 'load'>;
  readonly watchers: WorkflowWatchers;
}

/** What the services are made from. */
export interface Context {
  readonly ports: Ports;
  readonly watchers: TaskWatchers;
  readonly agentWatchers: AgentWatchers;
  readonly progressOf: ProgressOf;
  readonly unaryWork: UnaryWork;
  readonly bulk: Bulk;
  readonly workflows: WorkflowParts;
  /** What organisations have set. */
  readonly config: ConfigRecord;
  readonly directory: DirectoryRecord;
  readonly directories: Directories;
  /** What holds where the default of a parameter leaves it to the server, by key. */
  readonly serverConfig: () => JsonObject;
  readonly info: ServerInfo;
  readonly checker: Checker;
  /** Aborts when the server ends: what only waits then ends too. */
  readonly closing: AbortSignal;
}

/** Bytes of payloads after which an answer, or one message of a stream, is cut off. */
export const ANSWER_BYTES = 1024 * 1024;

/** What only waits and watches ends with when the server does. */
export function shuttingDown(): ReeveError {
  return unavailable('SHUTTING_DOWN', 'the server is shutting down; ask again');
}

/** How tasks are written in answers to this call. */
export function taskMapping(context: Context, call: Call, asked: PayloadView): TaskMapping {
  const byDoor = call.jsonPayloads ? PayloadView.JSON : PayloadView.DATA;
  return {
    payloads: asked === PayloadView.UNSPECIFIED ? byDoor : asked,
    progressOf: context.progressOf,
  };
}
