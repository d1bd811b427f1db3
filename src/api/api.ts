import { setMaxListeners } from 'node:events';
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import {
  AgentService,
  BatchSubmitTasksRequestSchema,
  ConfigService,
  CoordinatorService,
  ReportResultsRequestSchema,
  type Status,
  WorkflowService,
} from '@reeve/sdk/protocol';
import type { Principal } from '../domain/access/principal.js';
import { invalidArgument, ReeveError } from '../domain/errors.js';
import type { JsonObject } from '../domain/json.js';
import type { ConfigRecord } from '../ports/config-record.js';
import type { Directories } from '../ports/directories.js';
import type { DirectoryRecord } from '../ports/directory-record.js';
import type { Log } from '../ports/log.js';
import { NO_PLAN_TRIES, type PlanTries } from '../ports/plan-tries.js';
import type { Ports } from '../usecases/ports.js';
import type { Authenticate, Call, IncomingCall } from './call.js';
import { createChecker } from './constraints/checker.js';
import { createStatusMapper } from './errors.js';
import type { AgentWatchers } from './feeds/agent-watch.js';
import type { ProgressOf } from './mapping/task.js';
import { type OrgGate, waits } from './org-gate.js';
import { mayCall } from './permissions.js';
import { agentHandlers } from './services/agents.js';
import { approvalHandlers } from './services/approvals.js';
import { bidderHandlers } from './services/bidders.js';
import { configHandlers } from './services/config.js';
import type { Bulk, ServerInfo, UnaryWork, WorkflowParts } from './services/context.js';
import { directoryHandlers } from './services/directory.js';
import { explainHandlers } from './services/explain.js';
import { followHandlers } from './services/follow.js';
import { jobKindHandlers } from './services/job-kinds.js';
import { leaseHandlers } from './services/leases.js';
import { operationHandlers } from './services/operations.js';
import { policyHandlers } from './services/policies.js';
import { queueHandlers } from './services/queue.js';
import { readHandlers } from './services/read.js';
import { steerHandlers } from './services/steer.js';
import { submitHandlers } from './services/submit.js';
import { workflowFollowHandlers } from './services/workflows/follow.js';
import { workflowReadHandlers } from './services/workflows/read.js';
import { workflowStartHandlers } from './services/workflows/start.js';
import { workflowSteerHandlers } from './services/workflows/steer.js';
import type { TaskWatchers } from './task-watch.js';
import type { OpenWork, WorkSession, WorkStream } from './work/work-stream.js';

export interface ApiOptions {
  readonly ports: Ports;
  readonly authenticate: Authenticate;
  readonly orgGate: OrgGate;
  readonly progressOf: ProgressOf;
  readonly openWork: OpenWork;
  readonly unaryWork: UnaryWork;
  readonly bulk: Bulk;
  readonly workflows: WorkflowParts;
  readonly config: ConfigRecord;
  readonly directory: DirectoryRecord;
  readonly directories: Directories;
  /** Default: it seeks nobody. */
  readonly planTries?: PlanTries;
  /** What holds where the default of a parameter leaves it to the server, by key. Default: nothing. */
  readonly serverConfig?: () => JsonObject;
  readonly watchers: TaskWatchers;
  readonly agentWatchers: AgentWatchers;
  readonly info: ServerInfo;
  readonly log: Log;
}

/** A method as a carrier calls it. What it throws or rejects with goes through `statusOf`. */
export type ApiMethod =
  | {
      readonly kind: 'unary';
      readonly desc: DescMethodUnary;
      invoke(request: Message, call: IncomingCall): Promise<Message>;
    }
  | {
      readonly kind: 'server_streaming';
      readonly desc: DescMethodServerStreaming;
      /** The stream ends when `call.signal` aborts. */
      invoke(request: Message, call: IncomingCall): AsyncIterable<Message>;
    }
  | {
      readonly kind: 'work';
      readonly desc: DescMethod;
      open(stream: Omit<WorkStream, 'principal'>, call: IncomingCall): WorkSession;
    };

/** The services, ready to be carried. */
export interface Api {
  readonly services: readonly DescService[];
  /** Every method of every service. */
  readonly methods: readonly ApiMethod[];
  readonly info: ServerInfo;
  readonly log: Log;
  /** What goes over the wire for whatever a call failed with. */
  statusOf(error: unknown): Status;
  /** Ends what only waits, watches and long polls, as UNAVAILABLE. Other calls go on. */
  close(): void;
}

/** Looked into item by item by their handlers: one bad item does not fail the call. */
const SEPARATELY: ReadonlyMap<DescMessage, readonly string[]> = new Map<DescMessage, readonly string[]>([
  [BatchSubmitTasksRequestSchema, ['requests']],
  [ReportResultsRequestSchema, ['results']],
]);

export function createApi(options: ApiOptions): Api {
  const { ports, watchers, agentWatchers, progressOf, unaryWork, bulk, config, directory, info, log } =
    options;
  const closing = new AbortController();
  // Every watch and long poll listens to it.
  setMaxListeners(0, closing.signal);
  const checker = createChecker();
  const context = {
    ports,
    watchers,
    agentWatchers,
    progressOf,
    unaryWork,
    bulk,
    workflows: options.workflows,
    config,
    directory,
    directories: options.directories,
    planTries: options.planTries ?? NO_PLAN_TRIES,
    serverConfig: options.serverConfig ?? (() => ({})),
    info,
    checker,
    closing: closing.signal,
  };

  /** What every call passes before its handler: credential, permission. */
  function admit(desc: DescMethod, { metadata }: IncomingCall): Principal {
    const principal = options.authenticate(metadata);
    const name = `${desc.parent.typeName}.${desc.name}`;
    if (mayCall(principal.roles, name)) return principal;
    throw new ReeveError('PERMISSION_DENIED', 'NOT_ALLOWED', `${principal.subject} may not call ${name}`, {
      metadata: { method: name },
    });
  }

  function check(desc: DescMethod, request: Message): void {
    const violations = checker.check(desc.input, request, '', SEPARATELY.get(desc.input));
    if (violations.length > 0) throw invalidArgument(violations);
  }

  function bind(desc: DescMethod, handlers: Readonly<Record<string, unknown>>): ApiMethod {
    if (desc === AgentService.method.work) {
      return {
        kind: 'work',
        desc,
        open: (stream, call) => options.openWork({ ...stream, principal: admit(desc, call) }),
      };
    }
    if (isUnary(desc)) {
      const handle = handlers[desc.localName] as UnaryHandler;
      return {
        kind: 'unary',
        desc,
        async invoke(request, call) {
          const principal = admit(desc, call);
          const leave = options.orgGate.enter(principal.org, waits(desc, request));
          try {
            check(desc, request);
            return create(desc.output, await handle(principal, request, call));
          } finally {
            leave();
          }
        },
      };
    }
    if (isServerStreaming(desc)) {
      const handle = handlers[desc.localName] as StreamHandler;
      return {
        kind: 'server_streaming',
        desc,
        async *invoke(request, call) {
          const principal = admit(desc, call);
          const leave = options.orgGate.enter(principal.org, waits(desc, request));
          try {
            check(desc, request);
            for await (const message of handle(principal, request, call)) yield create(desc.output, message);
          } finally {
            leave();
          }
        },
      };
    }
    throw new Error(`no handler for ${desc}`);
  }

  const coordinator = {
    ...submitHandlers(context),
    ...readHandlers(context),
    ...followHandlers(context),
    ...steerHandlers(context),
    ...queueHandlers(context),
    ...operationHandlers(context),
    ...approvalHandlers(context),
    ...explainHandlers(context),
  };
  const rules = {
    ...configHandlers(context),
    ...policyHandlers(context),
    ...directoryHandlers(context),
    ...jobKindHandlers(context),
  };
  const workflows = {
    ...workflowStartHandlers(context),
    ...workflowReadHandlers(context),
    ...workflowFollowHandlers(context),
    ...workflowSteerHandlers(context),
  };
  const implemented: readonly (readonly [DescService, Readonly<Record<string, unknown>>])[] = [
    [CoordinatorService, coordinator],
    [WorkflowService, workflows],
    [ConfigService, rules],
    [AgentService, { ...agentHandlers(context), ...bidderHandlers(context), ...leaseHandlers(context) }],
  ];
  return {
    services: implemented.map(([service]) => service),
    methods: implemented.flatMap(([service, handlers]) =>
      service.methods.map((desc) => bind(desc, handlers)),
    ),
    info,
    log,
    statusOf: createStatusMapper(ports.ids, log),
    close: () => closing.abort(),
  };
}

type Init = MessageInitShape<DescMessage>;
type UnaryHandler = (principal: Principal, request: Message, call: Call) => Promise<Init>;
type StreamHandler = (principal: Principal, request: Message, call: Call) => AsyncIterable<Init>;

function isUnary(desc: DescMethod): desc is DescMethodUnary {
  return desc.methodKind === 'unary';
}

function isServerStreaming(desc: DescMethod): desc is DescMethodServerStreaming {
  return desc.methodKind === 'server_streaming';
}
