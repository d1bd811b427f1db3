import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { TaskTrails } from '../ports/task-trails.js';
import { type Batches, createBatches } from './batches.js';
import type { TaskHappening } from './event.js';
import type { HandlerRegistry } from './registry.js';

/** Tasks of which it is known what handlers were told. */
const MAX_KNOWN = 20_000;

/**
 * Tells handlers of what this coordinator has done to tasks: reads the events of its changes, many at a time.
 * One is told once; those of a task in the order of their numbers, unless its changes are published further apart
 * than they are collected.
 */
export function createTaskHappenings(world: {
  readonly trails: TaskTrails;
  readonly registry: HandlerRegistry;
  readonly clock: Clock;
  readonly log: Log;
}): Batches<TaskChange> {
  const { trails, registry } = world;
  /** The numbers that were told of, of the tasks that were told of last. */
  const told = new Map<string, Set<number>>();

  function isNews({ taskId, seq }: TaskHappening): boolean {
    const numbers = told.get(taskId) ?? new Set();
    if (numbers.has(seq)) return false;
    numbers.add(seq);
    told.delete(taskId);
    told.set(taskId, numbers);
    if (told.size > MAX_KNOWN)
      for (const oldest of [...told.keys()].slice(0, MAX_KNOWN / 10)) told.delete(oldest);
    return true;
  }

  return createBatches({
    ...world,
    name: 'task',
    lost: (count) => registry.dropped('task', count),
    async run(changes) {
      if (!registry.wants('task')) return;
      const inOrder = [...changes].sort((a, b) => a.seq - b.seq);
      const read = await trails.readChanges(inOrder);
      const events = read.flatMap((found, i) =>
        found.map((event): TaskHappening => ({ subject: 'task', org: inOrder[i]?.org ?? '', ...event })),
      );
      registry.tell(events.filter(isNews));
    },
  });
}
