import type { Random } from '../chance/random.js';
import { VirtualTime } from '../virtual-time.js';
import type { Job } from './job.js';
import type { Order } from './order.js';

/** How a job went. */
export interface Ending {
  readonly job: Job;
  /** When it first began. */
  readonly began: number;
  readonly ended: number;
  readonly preemptions: number;
  /** What was done in vain, in ms of a slot. */
  readonly lostMs: number;
}

export interface Fleet {
  readonly slots: number;
  /** How often a task that runs leaves a checkpoint, in ms; none: what is sent back begins anew. */
  readonly checkpointEveryMs?: number;
  /** For how long an agent takes to stop. */
  readonly noise: Random;
  /** When to stop, whatever is left; none: when all are done. */
  readonly until?: number;
  /** Is told of each time that a slot was taken. */
  readonly onTaken?: (job: Job, from: number, to: number) => void;
}

/** How long an agent has to stop a task that is sent back: the product's default. */
const GRACE_MS = 5_000;

interface Attempt {
  readonly job: Job;
  readonly began: number;
  isStopping: boolean;
}

/** Runs jobs on slots that are all alike, in an order. @returns how those went that have ended */
export function runFleet(jobs: readonly Job[], order: Order, fleet: Fleet): readonly Ending[] {
  const time = new VirtualTime();
  const endings: Ending[] = [];
  const running = new Map<string, Attempt>();
  const firstBegan = new Map<string, number>();
  const done = new Map<string, number>();
  const lost = new Map<string, number>();
  const sentBack = new Map<string, number>();
  let free = fleet.slots;

  const dispatch = () => {
    for (; free > 0; free -= 1) {
      const job = order.next(time.now);
      if (!job) return;
      begin(job);
    }
    for (let victim = order.victim(time.now); victim; victim = order.victim(time.now)) stop(victim);
  };

  const begin = (job: Job) => {
    const attempt = { job, began: time.now, isStopping: false };
    running.set(job.taskId, attempt);
    if (!firstBegan.has(job.taskId)) firstBegan.set(job.taskId, time.now);
    time.after(job.durationMs - (done.get(job.taskId) ?? 0), () => {
      if (running.get(job.taskId) === attempt) end(attempt);
    });
  };

  const leave = ({ job, began }: Attempt) => {
    running.delete(job.taskId);
    fleet.onTaken?.(job, began, time.now);
    free += 1;
  };

  const end = (attempt: Attempt) => {
    const { job, began } = attempt;
    leave(attempt);
    order.ended(job, time.now, time.now - began, 'SUCCEEDED');
    endings.push({
      job,
      began: firstBegan.get(job.taskId) ?? began,
      ended: time.now,
      preemptions: sentBack.get(job.taskId) ?? 0,
      lostMs: lost.get(job.taskId) ?? 0,
    });
    dispatch();
  };

  /** Agents mostly stop at once; nobody has longer than the grace. One that is done before that has succeeded. */
  const stop = (job: Job) => {
    const attempt = running.get(job.taskId);
    if (!attempt || attempt.isStopping) throw new Error(`${job.taskId} is to be sent back, and does not run`);
    attempt.isStopping = true;
    time.after(GRACE_MS * fleet.noise() ** 2, () => {
      if (running.get(job.taskId) !== attempt) return;
      leave(attempt);
      const ran = time.now - attempt.began;
      const every = fleet.checkpointEveryMs;
      const kept = every === undefined ? 0 : Math.floor(ran / every) * every;
      done.set(job.taskId, (done.get(job.taskId) ?? 0) + kept);
      lost.set(job.taskId, (lost.get(job.taskId) ?? 0) + ran - kept);
      sentBack.set(job.taskId, (sentBack.get(job.taskId) ?? 0) + 1);
      order.ended(job, time.now, ran, 'PREEMPTED');
      order.add(job, time.now);
      dispatch();
    });
  };

  for (const job of jobs) {
    time.at(job.release, () => {
      order.add(job, time.now);
      dispatch();
    });
  }
  time.run(fleet.until);
  if (fleet.until !== undefined) {
    for (const { job, began } of running.values()) fleet.onTaken?.(job, began, fleet.until);
  } else if (endings.length !== jobs.length)
    throw new Error(`${jobs.length - endings.length} jobs never ended`);
  return endings;
}
