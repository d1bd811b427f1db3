import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../ports/clock.js';
import type { CountHandled } from '../ports/handler-outcome.js';
import type { HeadStarts, ReadyIndex, StandBack } from '../ports/ready-index.js';
import type { TaskChange } from '../ports/task-changes.js';
import { type CountBid, createBidMetrics } from './bid-metrics.js';
import { createHandlerMetrics } from './handler-metrics.js';
import { type CountLookups, createLookupMetrics } from './lookup-metrics.js';
import { createPolicyMetrics, type Decided, type PolicyMetricsSources } from './policy-metrics.js';
import { createQueueMetrics } from './queue-metrics.js';

export interface MetricsSources extends PolicyMetricsSources {
  readonly version: string;
  readonly mode: string;
  readonly index: Pick<ReadyIndex, 'stats' | 'queueSizes'>;
  readonly clock: Pick<Clock, 'now'>;
  /** What a task's score is below the time it first was runnable. */
  readonly headStarts: HeadStarts;
  /** What was taken off that because the task takes long. Default: nothing. */
  readonly standBack?: StandBack;
  /** Open Work streams. */
  readonly workStreams: () => number;
  /** How far watches are behind what is committed, in ms. Absent: only this process writes, they never are. */
  readonly feedLagMs?: () => number;
}

/** A call that has ended. */
export interface CallMeasure {
  /** One of the methods there are. */
  readonly method: string;
  readonly kind: 'unary' | 'server_streaming';
  readonly code: string;
  readonly durationMs: number;
}

export interface Metrics {
  readonly contentType: string;
  /** Everything, as Prometheus reads it. */
  text(): Promise<string>;
  called(call: CallMeasure): void;
  changed(changes: readonly TaskChange[]): void;
  readonly decided: Decided;
  readonly handled: CountHandled;
  readonly lookedUp: CountLookups;
  readonly bid: CountBid;
}

/** In seconds: from a read in memory to the longest poll. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What Prometheus asks for. No label holds what callers choose, such as ids, organisations
 * and kinds, so the number of series is bounded.
 */
export function createMetrics(sources: MetricsSources): Metrics {
  const { version, mode, index, workStreams, feedLagMs } = sources;
  const registry = new Registry();
  const registers = [registry];
  // A finer look at the event loop would wake an idle server a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });

  const gauge = (name: string, help: string) => new Gauge({ name: `reeve_${name}`, help, registers });
  const build = new Gauge({
    name: 'reeve_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'mode'],
    registers,
  });
  build.set({ version, mode }, 1);
  const queued = new Gauge({
    name: 'reeve_tasks_queued',
    help: 'Tasks that wait for an agent, by tier',
    labelNames: ['tier'],
    registers,
  });
  const delayed = gauge('tasks_delayed', 'Tasks that wait for their time');
  const reserved = gauge('tasks_reserved', 'Tasks that have an agent and are being claimed');
  const inFlight = gauge('tasks_in_flight', 'Tasks that agents hold');
  const lanes = gauge('lanes', 'Lanes that hold tasks');
  const parked = gauge('lanes_parked', 'Lanes that hold tasks and have no free agent');
  const instances = gauge('agent_instances', 'Connected processes of agents');
  const streams = gauge('work_streams', 'Open Work streams');
  const feedLag = gauge('feed_lag_seconds', 'How far watches are behind what other coordinators commit');

  const changes = new Counter({
    name: 'reeve_task_changes_total',
    help: 'Committed changes of tasks, by the state after them',
    labelNames: ['state'],
    registers,
  });
  const calls = new Counter({
    name: 'reeve_calls_total',
    help: 'Calls that have ended, over either door, by method and code',
    labelNames: ['method', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'reeve_call_duration_seconds',
    help: 'Time that unary calls took, by method; long polls included',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
    registers,
  });

  const queues = createQueueMetrics(registry, sources);
  const policies = createPolicyMetrics(registry, sources);

  async function look(): Promise<void> {
    await queues.look();
    policies.look();
    const stats = await index.stats();
    for (const [tier, count] of Object.entries(stats.perTier)) queued.set({ tier }, count);
    delayed.set(stats.delayed);
    reserved.set(stats.reserved);
    inFlight.set(stats.inFlight);
    lanes.set(stats.lanes);
    parked.set(stats.parkedLanes);
    instances.set(stats.instances);
    streams.set(workStreams());
    feedLag.set((feedLagMs?.() ?? 0) / 1_000);
  }

  return {
    contentType: registry.contentType,
    async text() {
      await look();
      return registry.metrics();
    },
    called({ method, kind, code, durationMs }) {
      calls.inc({ method, code });
      if (kind === 'unary') durations.observe({ method }, durationMs / 1_000);
    },
    decided: policies.decided,
    handled: createHandlerMetrics(registry),
    bid: createBidMetrics(registry),
    lookedUp: createLookupMetrics(registry),
    changed(changed) {
      // Counted first, since each `inc` looks its labels up.
      const counts = new Map<string, number>();
      for (const { state } of changed) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) changes.inc({ state }, count);
    },
  };
}
