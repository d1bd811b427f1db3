import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createClient } from '@reeve/sdk';
import { check } from '../support/checker.js';
import type { RecordSnapshot, Violation } from '../support/checker-record.js';
import { openHistory, readHistory } from '../support/history.js';
import type { Exit } from '../support/reeve-process.js';
import { openTcpProxy } from '../support/tcp-proxy.js';
import { healAll, type Scene } from './acts.js';
import { allEnded, checkAtRest, hurry } from './at-rest.js';
import type { FakeTime } from './fake-time.js';
import type { Need } from './faults.js';
import { createJournal, type Journal } from './journal.js';
import { startLoad } from './load.js';
import { openPopulation } from './population.js';
import { runSchedule } from './run-schedule.js';
import { clockOf, inWords, type PlannedFault, planFaults, type Shape } from './schedule.js';
import { createTally, type Tally } from './tally.js';
import type { Target } from './target.js';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults come. */
  readonly ms: number;
  /** Where the log and the histories go; made if it is not there. */
  readonly folder: string;
  readonly wireAgents: number;
  readonly sdkAgents: number;
  readonly lightAgents: number;
  readonly clients: number;
  /** Most submissions a second. */
  readonly perSecond: number;
  /** Where log lines go. */
  readonly write: (text: string) => void;
  /** Starts what is attacked. */
  readonly open: (given: TargetNeeds) => Promise<{ target: Target; clocks: readonly FakeTime[] }>;
}

export interface TargetNeeds {
  /** For logs and clock files. */
  readonly folder: string;
  /** A coordinator has ended, and nobody has told it to. */
  readonly onUnasked: (name: string, exit: Exit) => void;
}

export interface ChaosOutcome {
  readonly violations: readonly Violation[];
  /** What went wrong besides: a process that ended by itself, a fault that could not be made. */
  readonly troubles: readonly string[];
  readonly tasks: number;
  readonly plan: readonly PlannedFault[];
}

const STATUS_MS = 10_000;
/** How long clients may need for their answers, and tasks for their end, once the faults are over. */
const CALM_MS = 120_000;

/** Attacks a target by the seed's schedule under load, lets it come to rest, and checks what was promised. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { seed, ms, folder, write } = options;
  const historyFolder = path.join(folder, 'history');
  mkdirSync(historyFolder, { recursive: true });
  const journal = createJournal(folder, write);
  const tally = createTally();
  const troubles: string[] = [];
  const trouble = (words: string) => {
    troubles.push(words);
    journal.say(`TROUBLE: ${words}`);
  };
  const closers: (() => void | Promise<void>)[] = [];
  try {
    const restart = (name: string) => {
      const fallen = target.members.find((member) => member.name === name);
      fallen?.start().catch((error: Error) => trouble(`${name} does not start again: ${error.message}`));
    };
    const { target, clocks } = await options.open({
      folder,
      onUnasked: (name, { code, signal }) => {
        trouble(`${name} has ended by itself: ${signal ?? `exit code ${code}`}`);
        restart(name);
      },
    });
    closers.push(() => target.close());
    await Promise.all(target.members.map((member) => member.start()));
    const front = await openTcpProxy(target.members.map((member) => member.address()));
    closers.push(() => front.close());
    const population = await openPopulation({
      ...options,
      address: front.address,
      historyFolder,
      onEntry: tally.add,
    });
    closers.push(() => population.close());
    const scene: Scene = { target, front, population, clocks };

    const plan = planFaults(seed, ms, shapeOf(options, target, clocks));
    introduce(journal, options, target, plan);
    const load = startLoad({
      ...options,
      clients: population.clients,
      historyFolder,
      hasSdkAgents: options.sdkAgents > 0,
      hasLightAgents: options.lightAgents > 0,
      onEntry: tally.add,
    });
    closers.push(() => load.abort());
    journal.begin();
    const status = setInterval(() => journal.say(statusOf(tally, front.size())), STATUS_MS);
    closers.push(() => clearInterval(status));

    await runSchedule({ scene, plan, ms, journal, tally, trouble });
    await healAll(scene);
    journal.say('the faults are over; clients get their answers, tasks come to their end');
    const finished = await within(load.finish(), CALM_MS);
    if (!finished) trouble(`clients had no answers ${CALM_MS / 1_000} s after the faults`);
    const client = createClient({ address: front.address, timeoutMs: CALM_MS });
    closers.push(() => client.close());
    const jumped = plan.some(({ name }) => name === 'jump the clock of Postgres');
    if (jumped)
      journal.say(`${await hurry(client)} tasks waited for times of a wrong clock; they need not any more`);
    const open = await allEnded(client, CALM_MS);
    journal.say(open.length === 0 ? 'every task has ended' : `${open.length} tasks have not ended`);
    for (const { taskId, state, epoch, agentId } of open) {
      journal.print(`  ${taskId} ${state}, epoch ${epoch}, ${agentId ?? 'nobody'}`);
    }
    clearInterval(status);
    journal.say(statusOf(tally, front.size()));

    const history = openHistory(historyFolder, 'rest', tally.add);
    const resting = await checkAtRest({ target, client, history, journal, name: `rest-${seed}` });
    const record = await target.readRecord();
    population.close();
    // Times of a clock that jumped say nothing of what came before what.
    const events = jumped ? record.events.map(({ eventTime: _, ...event }) => event) : record.events;
    const violations = [...resting, ...check(readHistory(historyFolder), { ...record, events })];
    tellTrails(journal, violations, record);
    conclude(journal, options, { violations, troubles, tasks: record.tasks.length, plan });
    return { violations, troubles, tasks: record.tasks.length, plan };
  } catch (error) {
    journal.say(`the harness failed: ${error instanceof Error ? error.stack : error}`);
    throw error;
  } finally {
    for (const close of closers.reverse()) {
      // Whatever fails to close must not keep the rest open.
      await (async () => close())().catch((error: unknown) => journal.say(`it does not close: ${error}`));
    }
  }
}

function shapeOf(options: ChaosOptions, target: Target, clocks: readonly FakeTime[]): Shape {
  const has = new Set<Need>();
  if (target.stores) has.add('stores');
  if (target.stores?.disk) has.add('disk');
  if (target.stores?.clock && clocks.length > 0) has.add('clocks');
  if (options.sdkAgents > 0) has.add('agents');
  if (options.lightAgents > 0) has.add('storm');
  return { coordinators: target.members.length, agents: options.sdkAgents, has };
}

function introduce(
  journal: Journal,
  options: ChaosOptions,
  target: Target,
  plan: readonly PlannedFault[],
): void {
  const { seed, ms, wireAgents, sdkAgents, lightAgents, clients, perSecond } = options;
  const { stores } = target;
  const missing = stores
    ? [
        ...(stores.disk ? [] : ['a full disk (no right to mount)']),
        ...(stores.clock ? [] : ['clock jumps (no libfaketime)']),
      ]
    : ['all of stores (it has none)'];
  journal.print(
    [
      `chaos, seed ${seed}, ${clockOf(ms)} of faults: ${target.members.length} × ${target.name}, ` +
        `${wireAgents} raw agents, ${sdkAgents} SDK agents, ${lightAgents} light agents, ` +
        `${clients} clients, at most ${perSecond} submissions/s`,
      ...(missing.length > 0 ? [`left out: ${missing.join(', ')}`] : []),
      `${plan.length} faults are planned:`,
      ...plan.map((fault) => `  ${clockOf(fault.atMs)}  ${inWords(fault)}`),
      '',
    ].join('\n'),
  );
}

function statusOf({ counts }: Tally, connections: number): string {
  const { submitted, results, workflows, cancelled, retried, refused, unanswered, leasesLost } = counts;
  return (
    `… ${submitted} submitted, ${workflows} workflows, ${results} results, ${cancelled} cancelled, ` +
    `${retried} retried, ${refused} refused, ${unanswered} without an answer, ${leasesLost} leases lost, ${connections} connections`
  );
}

function conclude(journal: Journal, { seed }: ChaosOptions, outcome: ChaosOutcome): void {
  const { violations, troubles, tasks, plan } = outcome;
  for (const { invariant, taskId, message } of violations)
    journal.print(`  ${invariant} ${taskId} ${message}`);
  for (const words of troubles) journal.print(`  trouble: ${words}`);
  const good = violations.length === 0 && troubles.length === 0;
  journal.say(
    `${good ? 'GOOD' : 'BAD'}: ${plan.length} faults, ${tasks} tasks, ${violations.length} violations, ` +
      `${troubles.length} other troubles, seed ${seed}`,
  );
}

/** What the record has of the tasks with which something is wrong. */
function tellTrails(journal: Journal, violations: readonly Violation[], { events }: RecordSnapshot): void {
  for (const id of new Set(violations.map(({ taskId }) => taskId))) {
    const trail = events.filter(({ taskId }) => taskId === id).sort((a, b) => a.seq - b.seq);
    for (const { seq, type, state, epoch, agentId, eventTime } of trail) {
      const time = eventTime === undefined ? '' : new Date(eventTime).toISOString().slice(11, 23);
      journal.print(`  ${id} ${seq} ${time} ${type} to ${state}, epoch ${epoch}, ${agentId ?? 'nobody'}`);
    }
  }
}

/** Whether it is done in time. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
