import { byOrg } from '../domain/by-org.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { TaskVersion } from '../ports/ready-index.js';
import type { OpenTask, OpenTaskCursor } from '../ports/task-record.js';
import { remainingOf } from '../usecases/expire-leases.js';
import { mendBlocked, settleEdges } from '../usecases/move-dependents.js';
import type { Ports } from '../usecases/ports.js';
import type { IndexLoader } from './index-loader.js';
import type { Service } from './service.js';
import { eachOpenPage, PAGE, tellOpenTasks } from './tell-open-tasks.js';
import { createTicker } from './ticker.js';

export interface Pace {
  /** Between two pages, once all open tasks have been read, in ms. */
  readonly pageEveryMs: number;
  /** From the end of a round to the next one, in ms; `null`: one round is all. */
  readonly roundEveryMs: number | null;
}

export interface Reconciler extends Service {
  /** Begins again, fast, as at the start: the index has lost what it had. */
  hurry(): void;
}

/**
 * Goes through the open tasks of the record in a circle and brings the index up to it: at the start
 * page after page, while the coordinator already serves and dispatches; then at its
 * pace. So whatever the index has lost, and chains that a crash cut off, are back within a round;
 * and what waits or runs in the index, and not in the record, is dropped.
 *
 * @param loader may have told the index of everything before the start
 */
export function createReconciler(
  ports: Ports,
  { pageEveryMs, roundEveryMs }: Pace = { pageEveryMs: 1_000, roundEveryMs: 10_000 },
  loader?: Pick<IndexLoader, 'hasLoaded'>,
): Reconciler {
  const { record, index, clock, log } = ports;
  let running = false;
  let cursor: OpenTaskCursor | null = null;
  let count = 0;
  /** The first round is done; the next begins then, monotonic ms. */
  let next: number | null = null;
  /** Rounds that were begun; what was read for another than the last counts no more. */
  let round = 0;
  /** What the index has is older than this start. */
  let mayBeOld = false;

  function begin(): void {
    round += 1;
    cursor = null;
    next = null;
    count = 0;
  }

  async function tick(): Promise<boolean> {
    if (next === null) return firstRound();
    await dropEnded(ports, await index.nextWaiting(PAGE), 'QUEUED');
    await dropEnded(ports, await index.nextDelayed(PAGE), 'SCHEDULED');
    await lookAfterLeases(ports, await index.nextInFlight(PAGE));
    if (cursor === null && clock.monotonic() < next) return false;
    const mine = round;
    const page = await record.listOpenTasks(cursor, PAGE);
    await tellOpenTasks(ports, page.tasks);
    await mend(ports, page.tasks);
    if (mine !== round) return true;
    cursor = page.cursor;
    if (cursor === null) rest();
    return false;
  }

  /** What the index lacks comes first, then what it has too much of, which costs no more than time. */
  async function firstRound(): Promise<boolean> {
    const mine = round;
    const goesOn = () => running && mine === round;
    const isTold = mayBeOld && (await loader?.hasLoaded());
    const work = async (tasks: readonly OpenTask[], after: OpenTaskCursor | null) => {
      await lookAfterLeases(ports, await index.nextInFlight(PAGE));
      if (!isTold) await tellOpenTasks(ports, tasks);
      await mend(ports, tasks);
      if (mine !== round) return;
      count += tasks.length;
      cursor = after;
    };
    if (!(await eachOpenPage(record, cursor, work, goesOn))) return running;
    if (!isTold && count > 0) log.info({ tasks: count }, 'open tasks loaded from the record');
    if (mayBeOld && !isTold) await dropAllEnded(ports, goesOn);
    if (!goesOn()) return running;
    mayBeOld = false;
    rest();
    return false;
  }

  function rest(): void {
    next = clock.monotonic() + (roundEveryMs ?? Number.POSITIVE_INFINITY);
  }

  const ticker = createTicker({ name: 'reconciler', clock, log, everyMs: pageEveryMs, tick });
  return {
    start() {
      running = true;
      mayBeOld = true;
      begin();
      ticker.start();
    },
    stop() {
      running = false;
      return ticker.stop();
    },
    hurry() {
      mayBeOld = false;
      begin();
      ticker.wake();
    },
  };
}

/** Chains that a crash cut off go on. */
async function mend(ports: Ports, tasks: readonly OpenTask[]): Promise<void> {
  const blocked = tasks.filter((t) => t.state === 'BLOCKED').map((t) => t.ready);
  await settleEdges(ports, blocked);
  await mendBlocked(ports, blocked);
}

/** A whole round of `dropEnded`. */
async function dropAllEnded(ports: Ports, goesOn: () => boolean): Promise<void> {
  const { index } = ports;
  const rounds = [
    [() => index.nextWaiting(PAGE), 'QUEUED'],
    [() => index.nextDelayed(PAGE), 'SCHEDULED'],
  ] as const;
  for (const [nextOnes, state] of rounds) {
    let found = PAGE;
    while (found === PAGE && goesOn()) {
      const tasks = await nextOnes();
      found = tasks.length;
      await dropEnded(ports, tasks, state);
    }
  }
}

/** Takes out what does not wait as it should any more: a late word of a change before its end has put it there again. */
async function dropEnded(
  { index, record }: Ports,
  tasks: readonly TaskVersion[],
  state: 'QUEUED' | 'SCHEDULED',
): Promise<void> {
  for (const [org, ofOrg] of byOrg(tasks)) {
    const states = await record.getTaskStates(
      org,
      ofOrg.map(({ taskId }) => taskId),
    );
    await index.remove(ofOrg.filter((_, i) => states[i] !== state));
  }
}

/** Frees slots of leases that are over, and sees to it that the others are looked at when they are. */
async function lookAfterLeases({ index, record, clock }: Ports, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  const states = await record.getLeases(claims);
  await index.freeSlots(claims.filter((_, i) => states[i] === null));
  const now = clock.now();
  await index.hintLeases(
    claims.flatMap((claim, i) => {
      const state = states[i];
      return state ? [{ ...claim, due: now + remainingOf(state) }] : [];
    }),
    'LOADED',
  );
}
