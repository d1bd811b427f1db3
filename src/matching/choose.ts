import { addressedTo, type Selection, selectionOf } from '../domain/selection/selection.js';
import type { ChoiceNote, Situation, Strategy, TaskFacts } from '../domain/selection/strategy.js';
import type { InstanceState } from './instance-state.js';
import type { Group, LaneTasks } from './lanes.js';

/** Who gets a task, and how that came about. */
export interface Choice {
  readonly instance: InstanceState;
  readonly selection: Selection;
}

/** Chooses among those that are free for the tasks of a group; `null`: nobody is. */
export function choose<Tasks extends LaneTasks>(
  strategy: Strategy,
  task: TaskFacts,
  { kind, free, turns, requirements }: Group<Tasks>,
  { now, random }: Pick<Situation, 'now' | 'random'>,
): Choice | null {
  const note: ChoiceNote = { cost: null, runnerUp: null, runnerUpCost: null };
  const instance = strategy(task, free, { now, random, turns, measured: kind.measured, note });
  if (!instance) return null;
  const isAddressed = requirements.agentId !== null;
  const selection = isAddressed ? addressedTo(free.size) : selectionOf(strategy, instance, note, free.size);
  return { instance, selection };
}
