import type { Place } from '../domain/agents/location.js';
import type { TurnFacts } from '../domain/limits/full-limit.js';
import type { TaskKeys } from '../domain/tasks/keys.js';
import type { Heap, HeapItem } from '../matching/heap.js';
import type { Group, Lane, LaneTasks } from '../matching/lanes.js';
import type { Charged } from './fairness/charged.js';

/** A ready task in its lane. */
export interface Entry extends HeapItem {
  readonly taskId: string;
  /** Of the change that put it here. */
  readonly seq: number;
  score: number;
  /** Where it would best be done. */
  readonly prefer: Place | null;
  /** What it shares with others. */
  readonly keys: TaskKeys | null;
  lane: MemoryLane;
}

/** The tasks of a lane. */
export interface MemoryTasks extends LaneTasks {
  readonly nothingMayGo: boolean;
  /** The next one that may go. */
  peek(): Entry | undefined;
  push(entry: Entry): void;
  remove(entry: Entry): void;
  /** All of them, in no order of heaps. */
  heaps(): readonly Heap<Entry>[];
  /** Of a fairness key; `null`: nobody takes turns here. */
  account(fairness: string | null): Charged | null;
  /** How its fairness key stands to the others that wait; `null`: nobody takes turns here. */
  turn(entry: Entry): TurnFacts | null;
  /** To be called for a task that is about to be taken out, and counts already. */
  turned(entry: Entry): void;
}

export type MemoryLane = Lane<MemoryTasks>;
export type MemoryGroup = Group<MemoryTasks>;
