import { createChecker } from '../../src/api/constraints/checker.js';
import { toDomainAgentSpec } from '../../src/api/mapping/agent.js';
import { Sessions } from '../../src/api/work/sessions.js';
import type { WorkSession, WorkStream } from '../../src/api/work/work-stream.js';
import type { WorkWorld } from '../../src/api/work/work-world.js';
import { ReeveError } from '../../src/domain/errors.js';
import { DURATION_TERMS } from '../../src/domain/order/duration-term.js';
import { leastConnections } from '../../src/domain/selection/least-connections.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import { TIER_AGING } from '../../src/domain/tasks/tier.js';
import type { StepLimits } from '../../src/domain/workflows/steps.js';
import { linkOrder } from '../../src/linked-order.js';
import { type LinkedWorkflows, linkWorkflows } from '../../src/linked-workflows.js';
import { createDeadlineKeeper } from '../../src/maintenance/deadline-keeper.js';
import { createDelayedPromoter } from '../../src/maintenance/delayed-promoter.js';
import { createDispatcher } from '../../src/maintenance/dispatcher.js';
import { createLeaseReaper } from '../../src/maintenance/lease-reaper.js';
import { createPreemptor } from '../../src/maintenance/preemptor.js';
import { createReconciler } from '../../src/maintenance/reconciler.js';
import type { RouteBook } from '../../src/maintenance/route-book.js';
import { behindRoutes } from '../../src/maintenance/routed-index.js';
import { createRouter } from '../../src/maintenance/router.js';
import { createRunningLoader } from '../../src/maintenance/running-loader.js';
import type { Service } from '../../src/maintenance/service.js';
import { createTicker } from '../../src/maintenance/ticker.js';
import { createWorkflowKeeper } from '../../src/maintenance/workflow-keeper.js';
import { createDeadlines } from '../../src/memory/deadlines.js';
import { MemoryFleet } from '../../src/memory/fleet.js';
import { createLearnedDurations, type LearnedDurations } from '../../src/memory/learned-durations.js';
import { ProgressBoard } from '../../src/memory/progress-board.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import type { AgentRecord } from '../../src/ports/agent-record.js';
import type { Clock } from '../../src/ports/clock.js';
import type { DurationRecord } from '../../src/ports/duration-record.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { Log } from '../../src/ports/log.js';
import { NO_OUTAGES } from '../../src/ports/outages.js';
import type { ReadyIndex } from '../../src/ports/ready-index.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { Ports, Rules } from '../../src/usecases/ports.js';
import type { WorkflowPorts } from '../../src/usecases/workflows/workflow-ports.js';
import { NO_POLICIES } from '../support/no-policies.js';
import { Injected, type Network } from './network.js';
import { remoteContexts, remoteDurations, remoteRecord, remoteWorkflows } from './remote-record.js';

export const RULES: Rules = {
  headStarts: TIER_AGING,
  durationTerms: DURATION_TERMS,
  defaultRetry: DEFAULT_RETRY,
  leaseMs: 10_000,
  acceptMs: 2_000,
  assignedMs: 6_000,
  staleAssignmentMs: 1_000,
  cancelGraceMs: 3_000,
  outageGraceMs: 60_000,
  maxPayloadBytes: 65_536,
};
export const PING_MS = 10_000;
/** When the virtual clocks begin, ms since the epoch. */
export const EPOCH = 1_700_000_000_000;

const checker = createChecker();

export interface CoordinatorOptions {
  readonly name: string;
  readonly network: Network;
  readonly record: TaskRecord;
  readonly agents: AgentRecord;
  /** Learns how long tasks take. Default: nobody does. */
  readonly durations?: DurationRecord;
  /** How far its clock is ahead of the record's, in ms. */
  readonly skewMs: number;
  /** How long from one comparison of its index with the record to the next, in ms; `null`: only when it starts. */
  readonly reconcileMs: number | null;
  /** Stands before its own index; default: nothing does. */
  readonly wrapIndex?: (index: ReadyIndex) => ReadyIndex;
  /** What organisations have set; default: nothing. */
  readonly policies?: Partial<Pick<Ports, 'orgRules' | 'policies' | 'pools'>>;
  /** Workflows run here. Default: none. */
  readonly workflows?: Pick<Ports, 'workflows' | 'expressions' | 'failpoints'> &
    Pick<WorkflowPorts, 'contexts'>;
  /** Of workflows. Default: the program's. */
  readonly limits?: StepLimits;
  readonly say: (what: string) => void;
  /** Told of errors that the simulation has not made. */
  readonly onError: (error: unknown) => void;
}

/**
 * One life of a coordinator: use cases, index, sessions and what runs by itself, put together
 * as in `embedded.ts`, without doors and disk. After `crash` nothing of it goes on.
 */
export class Coordinator {
  readonly name: string;
  readonly ports: Ports;
  readonly index: MemoryIndex;
  #alive = true;
  readonly #routes: RouteBook;
  readonly #sessions: Sessions;
  readonly #fleet: MemoryFleet;
  readonly #options: CoordinatorOptions;
  readonly #linked: LinkedWorkflows | undefined;
  readonly #durations: LearnedDurations | undefined;

  constructor(options: CoordinatorOptions) {
    const { name, network, agents, say, onError, wrapIndex = (index) => index } = options;
    this.name = name;
    this.#options = options;
    const { queue, chance } = network;
    const clock: Clock = {
      now: () => EPOCH + options.skewMs + Math.floor(queue.now),
      monotonic: () => queue.now,
      after: (ms, fn) => queue.after(ms, () => this.#alive && fn()),
    };
    const tell = (fields: object, message: string) => {
      const error = 'err' in fields ? fields.err : undefined;
      say(`${message}${error instanceof Error ? `: ${error.message}` : ''}`);
      if (error !== undefined && !(error instanceof Injected) && !(error instanceof ReeveError))
        onError(error);
    };
    const log: Log = { debug() {}, info() {}, warn: tell, error: tell };
    this.index = new MemoryIndex({
      clock,
      log,
      random: chance.random,
      strategyOf: () => leastConnections,
      minHealth: 0.5,
      orderTerms: linkOrder(options.policies?.orgRules ?? NO_POLICIES.orgRules),
      reportsLastMs: 3 * PING_MS,
    });
    const { index, routes } = behindRoutes({ index: wrapIndex(this.index) }, clock);
    this.#routes = routes;
    this.#fleet = new MemoryFleet({
      record: agents,
      clock,
      rules: { intervalMs: PING_MS, windowIntervals: 10, staleAfterMs: 60_000 },
      instancesOf: (org, agentId) => this.#sessions.instancesOf(org, agentId),
      onCondition: (org, agentId, health, intent) => void index.setEligibility(org, agentId, health, intent),
      onLoad: (org, agentId, load) => void index.reportLoad(org, agentId, load),
      onChanged: () => {},
    });
    this.#sessions = new Sessions(() => work);
    this.#durations =
      options.durations &&
      createLearnedDurations({
        record: remoteDurations(options.durations, network, () => this.#alive),
        clock,
      });
    this.ports = {
      record: remoteRecord(options.record, network, () => this.#alive),
      index,
      deadlines: createDeadlines({ clock }),
      fleet: this.#fleet,
      sessions: this.#sessions,
      changes: { publish() {} },
      clock,
      ids: chance,
      log,
      outages: NO_OUTAGES,
      failpoints: NO_FAILPOINTS,
      rules: RULES,
      ...NO_POLICIES,
      ...options.policies,
      ...(this.#durations && { durations: this.#durations }),
      ...(options.workflows && {
        expressions: options.workflows.expressions,
        failpoints: options.workflows.failpoints,
        workflows: remoteWorkflows(options.workflows.workflows, network, () => this.#alive),
        wakeWorkflows: (keys) => this.#linked?.advancer.wake(keys),
      }),
    };
    if (options.workflows) {
      const { limits } = options;
      const contexts = remoteContexts(options.workflows.contexts, network, () => this.#alive);
      this.#linked = linkWorkflows({ ports: this.ports, checker, contexts, ...(limits && { limits }) });
    }
    const work: WorkWorld = {
      ports: this.ports,
      progress: new ProgressBoard(clock),
      pingMs: PING_MS,
      keepAliveMs: PING_MS,
      renewMs: RULES.leaseMs / 4,
      limits: { maxPayloadBytes: 65_536, maxMessageBytes: 1 << 22, maxBatchItems: 1_000 },
      check: (schema, message) => checker.check(schema, message),
      toAgentSpec: toDomainAgentSpec,
      onProgress: () => {},
      onAgentChanged: () => {},
      onBids: () => {},
    };
  }

  get workflows(): WorkflowPorts {
    if (!this.#linked) throw new Error(`${this.name} has no workflows`);
    return this.#linked.ports;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  async start(): Promise<void> {
    const { ports } = this;
    const { clock, log } = ports;
    await this.#fleet.load();
    const sweep = async () => {
      this.#fleet.sweep();
      return false;
    };
    const services: Service[] = [
      createDispatcher(ports),
      createRouter(ports, this.#routes),
      createRunningLoader(ports, { settleMs: 0 }),
      createPreemptor(ports),
      createReconciler(ports, { pageEveryMs: 500, roundEveryMs: this.#options.reconcileMs }),
      createLeaseReaper(ports, 1_000),
      createDelayedPromoter(ports, 500),
      createDeadlineKeeper(ports, 500),
      createTicker({ name: 'fleet-health', clock, log, everyMs: PING_MS, tick: sweep }),
    ];
    const durations = this.#durations;
    if (durations) {
      const run = (everyMs: number, name: string, tick: () => Promise<void>) =>
        services.push(createTicker({ name, clock, log, everyMs, tick: () => tick().then(() => false) }));
      run(5_000, 'durations', durations.flush);
      run(30_000, 'durations-reread', durations.look);
    }
    if (this.#linked) {
      const { advancer } = this.#linked;
      services.push(
        advancer,
        createWorkflowKeeper({
          ports,
          workflows: ports.workflows,
          onDue: (keys) => advancer.wake(keys, { isDue: true }),
        }),
      );
    }
    for (const service of services) service.start();
    this.#sessions.start();
  }

  open(stream: WorkStream): WorkSession {
    return this.#sessions.open(stream);
  }

  /** Asks its agents to go elsewhere. */
  sendAllAway(): void {
    this.#sessions.sendAllAway('SHUTDOWN', 200);
  }

  /** Its memory is gone; what it had sent to the record may still happen. */
  crash(): void {
    this.#alive = false;
  }
}
