import type { RecordSnapshot, Violation } from './checker-record.js';

/** The index as one coordinator tells of it while nothing moves. */
export interface IndexView {
  /** Which coordinator. */
  readonly by: string;
  /** Ids of the tasks in lanes, those of one kind. */
  readonly waiting: readonly string[];
  /** How many tasks wait for their time. */
  readonly delayed: number;
  /** How many are popped and not claimed. */
  readonly reserved: number;
  /** Slots in use by all agents, as the index has them. */
  readonly slots: number;
  /** What the agents hold, as `agent list` shows it. Agents with nothing may be missing. */
  readonly inFlight: Readonly<Record<string, number>>;
}

const LEASED = new Set(['ASSIGNED', 'RUNNING', 'CANCELLING', 'PREEMPTING']);

/** I9 and I12, at rest: slots are the live leases, lanes the tasks that are QUEUED. */
export function checkIndex(view: IndexView, { tasks }: Pick<RecordSnapshot, 'tasks'>): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: 'I9' | 'I12', taskId: string, message: string) =>
    found.push({ invariant, taskId, message: `${view.by}: ${message}` });

  const queued = new Set(tasks.filter(({ state }) => state === 'QUEUED').map(({ taskId }) => taskId));
  const seen = new Set<string>();
  for (const taskId of view.waiting) {
    if (!queued.has(taskId)) say('I12', taskId, 'it is in a lane and not QUEUED');
    if (seen.has(taskId)) say('I12', taskId, 'it is in a lane twice');
    seen.add(taskId);
  }
  for (const taskId of queued) if (!seen.has(taskId)) say('I12', taskId, 'it is QUEUED and in no lane');

  const scheduled = tasks.filter(({ state }) => state === 'SCHEDULED').length;
  if (view.delayed !== scheduled) say('I12', '', `${view.delayed} are delayed, ${scheduled} are SCHEDULED`);
  if (view.reserved !== 0) say('I12', '', `${view.reserved} are reserved`);

  const leases = new Map<string, number>();
  for (const { state, agentId } of tasks) {
    if (LEASED.has(state) && agentId !== null) leases.set(agentId, (leases.get(agentId) ?? 0) + 1);
  }
  const live = [...leases.values()].reduce((sum, count) => sum + count, 0);
  if (view.slots !== live) say('I9', '', `${view.slots} slots are in use, ${live} leases are live`);
  for (const agentId of new Set([...leases.keys(), ...Object.keys(view.inFlight)])) {
    const [held, leased] = [view.inFlight[agentId] ?? 0, leases.get(agentId) ?? 0];
    if (held !== leased) say('I9', '', `${agentId} is said to hold ${held} and has ${leased} live leases`);
  }
  return found;
}
