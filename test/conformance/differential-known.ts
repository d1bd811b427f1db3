import fc from 'fast-check';
import type { Task } from '../../src/domain/tasks/task.js';
import { LEASED_STATES, type TaskState } from '../../src/domain/tasks/task-state.js';
import type { TaskRecord } from '../../src/ports/task-record.js';

export const HOUR_MS = 3_600_000;
export const AGENTS = ['agent-1', 'agent-2'] as const;
export const CALLS = ['call-1', 'call-2'] as const;
export const TASKS = 7;

/** What a step may look at: the tasks as they are, the same on both records. */
export interface Known {
  readonly org: string;
  readonly ids: readonly string[];
  readonly tasks: readonly (Task | null)[];
  newId(): string;
  resultId(n: number): string;
  now(): number;
}

/** One call, bound to the tasks as they are; to be made on either record. */
export type Call = (record: TaskRecord, elapse: (ms: number) => Promise<void>) => Promise<unknown>;
export interface Step {
  readonly name: string;
  bind(known: Known): Call;
}

/** One of the tasks; mostly one that the step suits, if there is any. */
export const task = fc.nat(4 * TASKS - 1);
export const agent = fc.constantFrom(...AGENTS);
/** Which claim of a task: mostly the current one. */
export const claim = fc.record({ task, epoch: fc.constantFrom(0, 0, 0, 0, -1, 1), stranger: fc.nat(4) });
type Which = { readonly task: number; readonly epoch: number; readonly stranger: number };

type Suits = (task: Task) => boolean;
export const isIn =
  (...states: readonly TaskState[]): Suits =>
  ({ state }) =>
    states.includes(state);

/** The place of the task that was generated as `n`, among those that are suited or among the first few. */
export const placeOf = ({ tasks }: Known, n: number, suits: Suits): number => {
  const suited = [...tasks.keys()].filter((i) => {
    const one = tasks[i];
    return one && suits(one);
  });
  return n < TASKS || suited.length === 0 ? n % TASKS : (suited[n % suited.length] ?? 0);
};
export const at = ({ org, ids }: Known, place: number) => ({
  org,
  taskId: ids[place] ?? '00000000-0000-7000-8000-000000000000',
});
export const keyOf = (known: Known, n: number, suits: Suits = () => true) =>
  at(known, placeOf(known, n, suits));
const LEASED = isIn(...LEASED_STATES);
export const claimOf = (known: Known, { task: n, epoch, stranger }: Which) => {
  const place = placeOf(known, n, LEASED);
  const held = known.tasks[place];
  const agentId = stranger === 0 ? 'agent-2' : (held?.agentId ?? 'agent-1');
  return { ...at(known, place), epoch: (held?.epoch ?? 0) + epoch, agentId };
};

/** A step with one to three items, each made from what was generated. */
export function batch<T, Item>(
  name: string,
  items: fc.Arbitrary<T>,
  bind: (known: Known, generated: T) => Item,
  run: (record: TaskRecord, items: readonly Item[]) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc.array(items, { minLength: 1, maxLength: 3 }).map((generated) => ({
    name: `${name} ${JSON.stringify(generated)}`,
    [fc.toStringMethod]: () => name,
    bind(known) {
      const bound = generated.map((one) => bind(known, one));
      return (record) => run(record, bound);
    },
  }));
}
