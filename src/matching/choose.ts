import { addressedTo, type Selection, selectionOf, warmFor } from '../domain/selection/selection.js';
import type { ChoiceNote, Situation, Strategy, TaskFacts } from '../domain/selection/strategy.js';
import type { InstanceState } from './instance-state.js';
import type { Group, LaneTasks } from './lanes.js';
import { rememberTurns } from './remember-turns.js';
import { type Affinity, warmFree } from './warm-choice.js';

/** Who gets a task, and how that came about. */
export interface Choice {
  readonly instance: InstanceState;
  readonly selection: Selection;
}

/** What a choice goes by besides the group. */
export interface ChoiceWorld extends Pick<Situation, 'now' | 'random'> {
  readonly affinity: Affinity;
}

/** Chooses among those that are free for the tasks of a group; `null`: nobody is. */
export function choose<Tasks extends LaneTasks>(
  strategy: Strategy,
  task: TaskFacts,
  group: Group<Tasks>,
  world: ChoiceWorld,
): Choice | null {
  const { kind, free, turns, requirements } = group;
  const { now, random } = world;
  const key = task.keys?.affinity ?? null;
  const forgo = key === null ? null : rememberTurns(turns);
  const note: ChoiceNote = { cost: null, runnerUp: null, runnerUpCost: null };
  const instance = strategy(task, free, { now, random, turns, measured: kind.measured, note });
  if (!instance) return null;
  if (requirements.agentId !== null) return { instance, selection: addressedTo(free.size) };
  const freeOf = (agentId: string) => [...group.processesOf(agentId)].filter((one) => free.has(one));
  const warm = key === null ? null : warmFree(key, group, instance, freeOf, world);
  if (!warm) return { instance, selection: selectionOf(strategy, instance, note, free.size) };
  // It was not the turn of whom the strategy named.
  if (warm !== instance) forgo?.();
  return { instance: warm, selection: warmFor(warm, instance, free.size) };
}
