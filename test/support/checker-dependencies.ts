import { type RecordedEvent, type RecordSnapshot, TERMINAL, type Violation } from './checker-record.js';

/**
 * I5: a dependent is claimed only after what it waits for. I6: nothing waits for what has
 * ended, and nobody stays skipped because of what has succeeded since.
 *
 * @param events by task, by `seq`
 */
export function checkDependencies(
  { tasks, edges = [] }: RecordSnapshot,
  events: ReadonlyMap<string, readonly RecordedEvent[]>,
): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: 'I5' | 'I6', taskId: string, message: string) =>
    found.push({ invariant, taskId, message });

  for (const { taskId, dependencies = [] } of tasks) {
    const claims = (events.get(taskId) ?? []).filter(({ type }) => type === 'CLAIMED');
    for (const on of dependencies) {
      const ends = (events.get(on.taskId) ?? []).filter(({ state }) => TERMINAL.has(state));
      for (const { eventTime: at = 0, series, epoch } of claims) {
        // Who retries a task has decided that it does not wait for what had failed.
        const anyEnd = on.runAnyway || series > 0;
        const before = ends.filter(({ eventTime = 0 }) => eventTime <= at);
        if (before.some(({ state }) => anyEnd || state === 'SUCCEEDED')) continue;
        const was = before.at(-1)?.state ?? 'open';
        say('I5', taskId, `epoch ${epoch} was claimed while ${on.taskId}, which it waits for, was ${was}`);
      }
    }
  }

  const states = new Map(tasks.map((task) => [task.taskId, task.state]));
  const open = edges.filter((edge) => edge.state === 'open');
  for (const { taskId, upstreamId } of open) {
    // What has ended waits for nobody; who retries it brings its edges up to date.
    if (TERMINAL.has(states.get(taskId) ?? '')) continue;
    const state = states.get(upstreamId) ?? 'nowhere';
    if (TERMINAL.has(state)) say('I6', taskId, `its edge to ${upstreamId}, which is ${state}, is open`);
  }
  const waiting = new Set(open.map(({ taskId }) => taskId));
  for (const { taskId, state } of tasks) {
    if (state === 'BLOCKED' && !waiting.has(taskId)) say('I6', taskId, 'it is BLOCKED and waits for nothing');
  }
  for (const { taskId, upstreamId, state } of edges) {
    if (state !== 'broken' || states.get(taskId) !== 'SKIPPED') continue;
    if (states.get(upstreamId) === 'SUCCEEDED') {
      say('I6', taskId, `it is skipped because of ${upstreamId}, which has succeeded`);
    }
  }
  return found;
}
