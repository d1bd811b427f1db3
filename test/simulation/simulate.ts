import { isTerminal } from '../../src/domain/tasks/task-state.js';
import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { createMemoryDurationRecord } from '../../src/memory/record/duration-record.js';
import { createTables, type Tables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import type { ReadyIndex } from '../../src/ports/ready-index.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import { check } from '../support/checker.js';
import { Agent } from './agent.js';
import { Chance } from './chance.js';
import { Client } from './client.js';
import { Coordinator, EPOCH } from './coordinator.js';
import { EventQueue } from './event-queue.js';
import { chooseJobs, KINDS, probes } from './jobs.js';
import { CALM, MAX_LATENCY_MS, Network, type Weather } from './network.js';
import { snapshotOf } from './snapshot.js';
import { Trace } from './trace.js';

/** How large schedules are at most; each takes from one up to so many. */
export interface Size {
  readonly coordinators: number;
  readonly agents: number;
  readonly tasks: number;
}

/** A bug to be caught, put in front of a port. */
export interface Planted {
  readonly record?: (
    record: TaskRecord,
    world: { readonly network: Network; readonly tables: Tables },
  ) => TaskRecord;
  readonly index?: (index: ReadyIndex) => ReadyIndex;
}

export interface Outcome {
  readonly seed: number;
  /** Sentences; empty is good. */
  readonly violations: readonly string[];
  readonly trace: Trace;
  readonly tables: Tables;
  /** How many events happened, and how long it took: virtual ms. */
  readonly events: number;
  readonly ms: number;
}

/** After this the system is not quiet any more: something hangs. */
const QUIET_WITHIN_MS = 300_000;
const MAX_SKEW_MS = 3_000;

/**
 * One schedule: coordinators over one record, agents and a client live through faults that
 * the seed decides, then without any until all is quiet, and the checker compares what they
 * saw with the record. The same seed and size give the same history.
 *
 * Each coordinator has its own index. A single one whose calls of the record are answered
 * compares it with the record only once, so that what the index loses shows; all others go on.
 */
export async function simulate(seed: number, size: Size, planted: Planted = {}): Promise<Outcome> {
  const queue = new EventQueue();
  const chance = new Chance(seed);
  const trace = new Trace(() => queue.now);
  const count = chance.between(1, size.coordinators);
  const answered = chance.happens(0.5);
  const faulty: Weather = { lostCall: answered ? 0 : 0.02, lostReply: answered ? 0 : 0.02, slow: 0.02 };
  const network = new Network(queue, chance, faulty);
  const reconcileMs = answered && count === 1 ? null : 4_000;

  const recordClock = { now: () => EPOCH + Math.floor(queue.now) };
  const tables = createTables();
  const plain = createMemoryTaskRecord(recordClock, tables);
  const record = planted.record?.(plain, { network, tables }) ?? plain;
  const agentRecord = createMemoryAgentRecord(recordClock);
  const durations = createMemoryDurationRecord(recordClock);
  const errors: string[] = [];

  const coordinators: Coordinator[] = [];
  let lives = 0;
  const launch = (place: number) => {
    const name = `coordinator-${++lives}`;
    const coordinator = new Coordinator({
      name,
      network,
      record,
      agents: agentRecord,
      durations,
      skewMs: chance.between(-MAX_SKEW_MS, MAX_SKEW_MS),
      reconcileMs,
      ...(planted.index && { wrapIndex: planted.index }),
      say: (what) => trace.say(name, what),
      onError: (error) => errors.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`),
    });
    coordinators[place] = coordinator;
    trace.say(name, 'starts');
    void coordinator.start();
  };
  const findCoordinator = () => chance.pick(coordinators.filter((c) => c.isAlive));
  for (let place = 0; place < count; place++) launch(place);

  const agents = Array.from({ length: chance.between(2, size.agents) }, (_, i) => {
    const agentId = `agent-${i + 1}`;
    return new Agent({
      agentId,
      // The first can do everything, so that nothing waits for ever.
      kinds: KINDS.filter(() => i === 0 || chance.happens(0.6)),
      slots: chance.between(1, 3),
      network,
      history: trace.historyOf(agentId),
      say: (what) => trace.say(agentId, what),
      findCoordinator,
    });
  });
  for (const agent of agents) queue.after(chance.random() * 500, () => agent.connect());

  const client = new Client(network, trace.historyOf('client'), findCoordinator);
  const faultsMs = chance.between(8_000, 20_000);
  for (const job of chooseJobs(chance, chance.between(5, size.tasks))) {
    client.run(job, chance.random() * faultsMs * 0.9);
  }

  const crash = (place: number) => {
    const coordinator = coordinators[place];
    if (!coordinator?.isAlive) return;
    trace.say(coordinator.name, 'dies');
    coordinator.crash();
    for (const agent of agents) if (agent.coordinator === coordinator) agent.cut(true);
    // One process owns a folder: what the last one had sent has happened by then, or never will.
    const ownedMs = reconcileMs === null ? MAX_LATENCY_MS : 0;
    queue.after(ownedMs + chance.between(50, 4_000), () => launch(place));
  };
  let calm = false;
  const nextFault = () => {
    if (calm) return;
    const agent = chance.pick(agents);
    const place = chance.between(0, count - 1);
    const fault = chance.weighted({ crash: 2, away: 1, cut: 3, freeze: 3, kill: 2, drain: 1.5 });
    if (fault === 'crash') crash(place);
    else if (fault === 'away') coordinators[place]?.isAlive && coordinators[place]?.sendAllAway();
    else if (fault === 'cut') agent?.cut(chance.happens(0.4));
    else if (fault === 'freeze') agent?.freeze(chance.between(500, 25_000));
    else if (fault === 'kill') agent?.crash(chance.happens(0.3), chance.between(100, 5_000));
    else agent?.drain();
    queue.after(chance.between(200, 4_000), nextFault);
  };
  queue.after(1_000, nextFault);

  await queue.run(() => false, faultsMs);
  trace.say('world', 'no more faults');
  calm = true;
  network.weather = CALM;
  for (const agent of agents) {
    agent.calm = true;
    agent.thaw();
  }
  for (const job of probes(size.tasks)) client.run(job, 5_000);
  const isQuiet = () =>
    client.isDone &&
    [...tables.tasks.values()].every(({ state }) => isTerminal(state)) &&
    agents.every((agent) => agent.isIdle);
  const quiet = await queue.run(isQuiet, faultsMs + QUIET_WITHIN_MS);
  // What the record has done its coordinators have yet to hear of.
  await queue.run(() => false, queue.now + 1_000);

  const violations = check(trace.entries, snapshotOf(tables)).map(
    (v) => `${v.invariant} ${v.taskId} ${v.message}`,
  );
  if (!quiet) violations.push(`the system has not become quiet within ${QUIET_WITHIN_MS} ms`);
  violations.push(...errors);
  if (quiet && reconcileMs === null) violations.push(...(await atRest(coordinators[0])));
  return { seed, violations, trace, tables, events: queue.happened, ms: queue.now };
}

/** I9: at rest nobody holds anything, and nothing waits. */
async function atRest(coordinator: Coordinator | undefined): Promise<string[]> {
  if (!coordinator) return [];
  const { queued, delayed, reserved, inFlight } = await coordinator.index.stats();
  const left = { queued, delayed, reserved, inFlight };
  return Object.entries(left).flatMap(([what, n]) =>
    n === 0 ? [] : [`I9 at rest the index has ${n} ${what}`],
  );
}
