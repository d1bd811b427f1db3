import { byOrg } from '../domain/by-org.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { TaskVersion } from '../ports/ready-index.js';
import type { OpenTask, OpenTaskCursor } from '../ports/task-record.js';
import { remainingOf } from '../usecases/expire-leases.js';
import { mendBlocked, settleEdges } from '../usecases/move-dependents.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const PAGE = 1_000;

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
 */
export function createReconciler(
  ports: Ports,
  { pageEveryMs, roundEveryMs }: Pace = { pageEveryMs: 1_000, roundEveryMs: 10_000 },
): Reconciler {
  const { record, index, clock, log } = ports;
  let cursor: OpenTaskCursor | null = null;
  let count = 0;
  /** The first round is done; the next begins then, monotonic ms. */
  let next: number | null = null;
  /** Rounds that were begun; a page that was read for another than the last counts no more. */
  let round = 0;

  function begin(): void {
    round += 1;
    cursor = null;
    next = null;
    count = 0;
  }

  async function tick(): Promise<boolean> {
    await dropEnded(ports, await index.nextWaiting(PAGE), 'QUEUED');
    await dropEnded(ports, await index.nextDelayed(PAGE), 'SCHEDULED');
    await lookAfterLeases(ports, await index.nextInFlight(PAGE));
    if (cursor === null && next !== null && clock.monotonic() < next) return false;
    const mine = round;
    const page = await record.listOpenTasks(cursor, PAGE);
    await put(ports, page.tasks);
    // Chains that a crash cut off go on.
    const blocked = page.tasks.filter((t) => t.state === 'BLOCKED').map((t) => t.ready);
    await settleEdges(ports, blocked);
    await mendBlocked(ports, blocked);
    if (mine !== round) return true;
    count += page.tasks.length;
    cursor = page.cursor;
    if (cursor !== null) return next === null;
    if (next === null && count > 0) log.info({ tasks: count }, 'open tasks loaded from the record');
    next = clock.monotonic() + (roundEveryMs ?? Number.POSITIVE_INFINITY);
    return false;
  }

  const ticker = createTicker({ name: 'reconciler', clock, log, everyMs: pageEveryMs, tick });
  return {
    start() {
      begin();
      ticker.start();
    },
    stop: () => ticker.stop(),
    hurry() {
      begin();
      ticker.wake();
    },
  };
}

async function put({ index, deadlines, clock }: Ports, tasks: readonly OpenTask[]): Promise<void> {
  const now = clock.now();
  const inState = (state: OpenTask['state']) => tasks.filter((task) => task.state === state);
  // Slots first, so that nobody's tasks do not wait for who had them.
  await index.freeSlots(tasks.filter((t) => t.leaseRemainingMs === null).map(claimOf));
  await index.add(
    inState('QUEUED').map(({ ready }) => ready),
    'LOADED',
  );
  await index.delay(
    inState('SCHEDULED').map(({ ready: { org, taskId, seq, tier }, runTime }) => {
      return { org, taskId, seq, tier, due: runTime ?? now };
    }),
  );
  await deadlines.watch(
    tasks.flatMap(({ ready: { org, taskId, seq }, deadline }) =>
      deadline === null ? [] : [{ org, taskId, seq, due: deadline }],
    ),
  );
  await index.hintLeases(
    tasks.flatMap((task) =>
      task.leaseRemainingMs === null
        ? []
        : [{ ...claimOf(task), due: now + Math.max(0, task.leaseRemainingMs) }],
    ),
    'LOADED',
  );
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

function claimOf({ ready: { org, taskId }, epoch }: OpenTask) {
  return { org, taskId, epoch };
}
