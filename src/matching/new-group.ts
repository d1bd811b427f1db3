import { type Requirements, signatureOf } from '../domain/tasks/requirements.js';
import type { ReadyTask } from '../ports/ready-index.js';
import { FreeButOne } from './free-but-one.js';
import { FreeInstances } from './free-instances.js';
import type { InstanceState } from './instance-state.js';
import type { Group, LaneTasks } from './lanes.js';

/** What the tasks of a group have in common. */
export type GroupFacts = Pick<ReadyTask, 'org' | 'kind' | 'requirements'>;

/** By what a group is found in its organisation. */
export function keyOf(kind: string, requirements: Requirements, avoid: string | null): string {
  return `${kind} ${avoid ?? ''} ${signatureOf(requirements)}`;
}

export type NewGroup<Tasks extends LaneTasks> = Pick<
  Group<Tasks>,
  'org' | 'key' | 'requirements' | 'kind' | 'avoid' | 'base' | 'processesOf'
>;

/** A group without tasks, and without instances but for those of its base. */
export function newGroup<Tasks extends LaneTasks>(facts: NewGroup<Tasks>): Group<Tasks> {
  const { base, avoid, processesOf } = facts;
  const all = base?.all ?? new FreeInstances();
  const eligible = base?.eligible ?? new Set<InstanceState>();
  const unhindered = base?.unhindered ?? new Set<InstanceState>();
  return {
    ...facts,
    ...{ eligible, unhindered, all },
    free:
      avoid === null ? all : new FreeButOne({ eligible, unhindered, all }, avoid, () => processesOf(avoid)),
    lanes: new Map(),
    butOne: new Map(),
    turns: new Map(),
  };
}
