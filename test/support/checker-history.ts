import { type RecordedEvent, type RecordedTask, TERMINAL, type Violation } from './checker-record.js';
import type { HistoryEntry } from './history.js';

/** An operation of the history, its two ends put together. */
export interface Deed {
  readonly invoke: HistoryEntry;
  /** Missing where the process died before an answer. */
  readonly end: HistoryEntry | undefined;
}

interface World {
  readonly tasks: ReadonlyMap<string, RecordedTask>;
  readonly byRequest: ReadonlyMap<string, readonly RecordedTask[]>;
  readonly events: ReadonlyMap<string, readonly RecordedEvent[]>;
}

export function pairUp(history: readonly HistoryEntry[]): Map<HistoryEntry['verb'], Deed[]> {
  const key = (entry: HistoryEntry) => `${entry.by} ${entry.op}`;
  const ends = new Map<string, HistoryEntry>();
  const begun = new Set<string>();
  for (const entry of history) {
    if (entry.type === 'invoke') begun.add(key(entry));
    else ends.set(key(entry), entry);
  }
  const deeds = new Map<HistoryEntry['verb'], Deed[]>();
  for (const entry of history) {
    if (entry.type !== 'invoke' && begun.has(key(entry))) continue;
    const list = deeds.get(entry.verb) ?? [];
    list.push({ invoke: entry, end: ends.get(key(entry)) });
    deeds.set(entry.verb, list);
  }
  return deeds;
}

/** I1 and I2: what was acknowledged is there, once, as it was submitted, and has ended. */
export function checkSubmissions(submits: readonly Deed[], world: World): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: 'I1' | 'I2', taskId: string, message: string) =>
    found.push({ invariant, taskId, message });
  const acked = new Map<string, { taskId: string; body: string | undefined }>();
  for (const { invoke, end } of submits) {
    const requestId = invoke.requestId ?? '';
    if (end?.type === 'fail' && end.error !== 'ALREADY_EXISTS') continue;
    if (end?.type !== 'ok') continue;
    const taskId = end.taskId ?? '';
    const before = acked.get(requestId);
    if (before && before.taskId !== taskId) {
      say('I2', taskId, `request ${requestId} was acknowledged as ${before.taskId} and as ${taskId}`);
    } else if (before && before.body !== invoke.body) {
      say('I2', taskId, `request ${requestId} was acknowledged with two bodies`);
    }
    acked.set(requestId, before ?? { taskId, body: invoke.body });
    const task = world.tasks.get(taskId);
    if (!task) say('I1', taskId, `request ${requestId} was acknowledged and is not in the record`);
    else if (!TERMINAL.has(task.state)) say('I1', taskId, `it has not ended: ${task.state}`);
    else if (invoke.endsAs && task.state !== invoke.endsAs) {
      say('I1', taskId, `it ended as ${task.state}, not as ${invoke.endsAs}`);
    } else if (task.body !== undefined && !before && task.body !== invoke.body) {
      say('I1', taskId, `its input is not what request ${requestId} submitted`);
    }
  }
  const asked = new Set(submits.map(({ invoke }) => invoke.requestId));
  for (const [requestId, tasks] of world.byRequest) {
    const [first, ...others] = tasks;
    for (const other of others) {
      say('I2', other.taskId, `request ${requestId} made ${first?.taskId} and ${other.taskId}`);
    }
    if (!asked.has(requestId)) say('I2', first?.taskId ?? '', `nobody submitted request ${requestId}`);
  }
  return found;
}

/** I3 and I4: an acknowledged result is in the record at its epoch, a superseded one is not. */
export function checkResults(results: readonly Deed[], world: World): Violation[] {
  const found: Violation[] = [];
  const recorded = new Map<string, string>();
  for (const { invoke, end } of results) {
    if (end?.type !== 'ok' && end?.type !== 'fail') continue;
    const { taskId = '', epoch = 0, resultId = '', outcome } = invoke;
    const say = (invariant: 'I3' | 'I4', message: string) => found.push({ invariant, taskId, message });
    const ends = (world.events.get(taskId) ?? []).filter(
      (event) =>
        event.epoch === epoch && ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PREEMPTED'].includes(event.type),
    );
    // A failure of a task that is being cancelled ends it as cancelled; a success counts. Who was to stop for
    // another's sake, and has, ends its preemption.
    const inRecord = ends.some(
      ({ type }) =>
        type === outcome || (['CANCELLED', 'PREEMPTED'].includes(type) && outcome !== 'SUCCEEDED'),
    );
    if (end.type === 'ok') {
      const other = recorded.get(`${taskId} ${epoch}`);
      if (other !== undefined && other !== resultId) {
        say('I3', `two results of epoch ${epoch} were acknowledged as recorded`);
      }
      recorded.set(`${taskId} ${epoch}`, resultId);
      if (!inRecord)
        say('I3', `its ${outcome} result of epoch ${epoch} was acknowledged and is not in the trail`);
    } else if (end.verdict === 'LEASE_SUPERSEDED' && ends.some((event) => event.type === 'SUCCEEDED')) {
      say('I4', `its result of epoch ${epoch} was refused as superseded and recorded all the same`);
    }
  }
  return found;
}

/** I4: an epoch is given to one agent, and once a later one is given out nothing of the earlier is confirmed. */
export function checkFencing(deeds: ReadonlyMap<HistoryEntry['verb'], readonly Deed[]>): Violation[] {
  const found: Violation[] = [];
  const given = new Map<string, { epoch: number; by: string; at: number }[]>();
  for (const { invoke } of deeds.get('assigned') ?? []) {
    const { taskId = '', epoch = 0, by, at } = invoke;
    const list = given.get(taskId) ?? [];
    const other = list.find((one) => one.epoch === epoch && one.by !== by);
    if (other) {
      found.push({
        invariant: 'I4',
        taskId,
        message: `epoch ${epoch} was given to ${other.by} and to ${by}`,
      });
    }
    list.push({ epoch, by, at });
    given.set(taskId, list);
  }
  for (const verb of ['renew', 'result', 'progress'] as const) {
    for (const { invoke, end } of deeds.get(verb) ?? []) {
      if (end?.type !== 'ok' || end.verdict === 'ALREADY_RECORDED') continue;
      const { taskId = '', epoch = 0, at, by } = invoke;
      const later = given.get(taskId)?.find((one) => one.epoch > epoch && one.at < at);
      if (later) {
        const message = `${verb} of epoch ${epoch} by ${by} was confirmed after epoch ${later.epoch} was given out`;
        found.push({ invariant: 'I4', taskId, message });
      }
    }
  }
  return found;
}

/** I7: what was acknowledged as cancelled stays so; nothing of it is confirmed afterwards. */
export function checkCancels(
  deeds: ReadonlyMap<HistoryEntry['verb'], readonly Deed[]>,
  world: World,
): Violation[] {
  const found: Violation[] = [];
  const retried = new Set((deeds.get('retry') ?? []).map(({ invoke }) => invoke.taskId));
  for (const { invoke, end } of deeds.get('cancel') ?? []) {
    const taskId = invoke.taskId ?? '';
    if (end?.type !== 'ok' || retried.has(taskId)) continue;
    const say = (message: string) => found.push({ invariant: 'I7', taskId, message });
    const state = world.tasks.get(taskId)?.state ?? 'nowhere';
    // While its agent stops it may still succeed, or run out of its time.
    const allowed = end.state === 'CANCELLED' ? ['CANCELLED'] : ['CANCELLED', 'SUCCEEDED', 'TIMED_OUT'];
    if (!allowed.includes(state)) say(`its cancellation was acknowledged as ${end.state}, it is ${state}`);
    if (end.state !== 'CANCELLED') continue;
    for (const verb of ['renew', 'result', 'progress'] as const) {
      const late = deeds
        .get(verb)
        ?.find(
          (deed) =>
            deed.invoke.taskId === taskId &&
            deed.invoke.at > end.at &&
            deed.end?.type === 'ok' &&
            deed.end.verdict !== 'ALREADY_RECORDED',
        );
      if (late) say(`${verb} of epoch ${late.invoke.epoch} was confirmed after CANCELLED was acknowledged`);
    }
  }
  return found;
}

/** I3: an end that somebody who waited was told of stays, unless somebody retries the task. */
export function checkWaits(
  deeds: ReadonlyMap<HistoryEntry['verb'], readonly Deed[]>,
  world: World,
): Violation[] {
  const retried = new Set((deeds.get('retry') ?? []).map(({ invoke }) => invoke.taskId));
  return (deeds.get('wait') ?? []).flatMap(({ invoke, end }) => {
    const taskId = invoke.taskId ?? '';
    const state = world.tasks.get(taskId)?.state ?? 'nowhere';
    if (end?.type !== 'ok' || end.state === state || retried.has(taskId)) return [];
    const message = `somebody who waited was told that it ended as ${end.state}, it is ${state}`;
    return [{ invariant: 'I3' as const, taskId, message }];
  });
}
