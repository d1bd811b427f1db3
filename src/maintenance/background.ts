import type { Operation } from '../domain/operations/operation.js';
import type { Leadership } from '../ports/leadership.js';
import type { LeaseClock } from '../ports/lease-clock.js';
import type { OperationRecord } from '../ports/operation-record.js';
import type { RetentionRecord } from '../ports/retention-record.js';
import type { WorkflowKey } from '../ports/workflow-record.js';
import type { Ports } from '../usecases/ports.js';
import { createApprovalKeeper } from './approval-keeper.js';
import { createAwardKeeper } from './award-keeper.js';
import { createClockWatch } from './clock-watch.js';
import { createDeadlineKeeper } from './deadline-keeper.js';
import { createDelayedPromoter } from './delayed-promoter.js';
import { createIndexLoader } from './index-loader.js';
import { createLeader } from './leader.js';
import { createLeaseReaper } from './lease-reaper.js';
import { createOperationRunner } from './operation-runner.js';
import { createReconciler } from './reconciler.js';
import { createRetention } from './retention.js';
import type { Service } from './service.js';
import { createTerm } from './term.js';
import { createTicker } from './ticker.js';
import { createWorkflowKeeper } from './workflow-keeper.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** How long operations are kept after their end. */
const OPERATIONS_KEPT_MS = 30 * 24 * HOUR_MS;

/** How long a bidder is remembered that does not bid. */
const BIDDERS_KEPT_MS = 90 * 24 * HOUR_MS;

export interface BackgroundOptions {
  readonly ports: Ports;
  readonly operations: OperationRecord;
  readonly leadership: Leadership;
  /** The index was empty when this coordinator started. */
  readonly isIndexEmpty: boolean;
  /** This coordinator's own name, new at each start. */
  readonly holder: string;
  readonly leaseClock: LeaseClock;
  readonly retention: RetentionRecord;
  /** How long an ended task is kept, in ms. */
  readonly tasksKeptMs: number;
  /** How long the name of a submission is kept, in ms. */
  readonly requestIdsKeptMs: number;
  /** Makes the coming days' room in the record. */
  readonly makeRoom: () => Promise<void>;
  /** Told of each step of an operation that this coordinator runs. */
  readonly onStep: (operation: Operation) => void;
  /** Told of workflows that nobody has looked at since there was something to do. */
  readonly onWorkflowsDue: (keys: readonly WorkflowKey[]) => void;
}

/** What runs by itself beside the dispatcher. */
export interface Background {
  /** To be started and stopped like one: what every coordinator does, and what it does while it leads. */
  readonly services: readonly Service[];
  /** To be told of operations that have begun or were cancelled here. */
  readonly operationChanged: (operation: Operation) => void;
  /** The index has lost what it had: who leads fills it again, fast. */
  readonly hurry: () => void;
}

/**
 * What is to run once runs with the leadership; all of it is conditional in the record, so two leaders
 * for a moment do no harm. Deadlines are watched by every coordinator: each knows those of its own calls,
 * and the leader, from the record, all of them.
 */
export function createBackground(options: BackgroundOptions): Background {
  const { ports, operations, leadership, holder, leaseClock, retention, onStep } = options;
  const { clock, log, rules } = ports;
  const term = createTerm(clock);
  const led = term.guardPorts(ports);
  const watch = createClockWatch({ leaseClock, clock, log, spans: rules });
  const runner = createOperationRunner({ ports: led, operations: term.guard(operations), onStep });
  const loader = createIndexLoader(ports, options.isIndexEmpty);
  const reconciler = createReconciler(led, undefined, loader);

  function every(everyMs: number, name: string, run: () => Promise<unknown>, by = led.clock): Service {
    const tick = async () => {
      await run();
      return false;
    };
    return createTicker({ name, clock: by, log, everyMs, tick });
  }

  const leader = createLeader({
    leadership,
    holder,
    term,
    clock,
    log,
    services: [
      reconciler,
      createLeaseReaper(led, undefined, watch),
      createDelayedPromoter(led),
      createApprovalKeeper(led),
      createAwardKeeper({ ...led, auctions: term.guard(ports.auctions) }),
      runner,
      createRetention({
        retention: term.guard(retention),
        workflows: term.guard(ports.workflows),
        leaseClock,
        clock: led.clock,
        log,
        tasksMs: options.tasksKeptMs,
        requestIdsMs: options.requestIdsKeptMs,
      }),
      createWorkflowKeeper({
        ports: led,
        workflows: term.guard(ports.workflows),
        onDue: options.onWorkflowsDue,
      }),
      every(SECOND_MS, 'lease-clock', () => watch.mend()),
      every(60 * SECOND_MS, 'lease-requests', () => led.record.forgetLeaseRequests(HOUR_MS)),
      every(HOUR_MS, 'operations', () => operations.forgetOperations(OPERATIONS_KEPT_MS)),
      every(HOUR_MS, 'bidders', () => ports.auctions.forgetBidders(BIDDERS_KEPT_MS)),
      every(HOUR_MS, 'partitions', options.makeRoom),
    ],
  });
  return {
    services: [
      loader,
      createDeadlineKeeper(ports),
      every(SECOND_MS, 'clock-watch', () => watch.look(), clock),
      leader,
    ],
    operationChanged: (operation) => runner.changed(operation),
    hurry: () => reconciler.hurry(),
  };
}
