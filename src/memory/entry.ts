import type { Place } from '../domain/agents/location.js';
import type { Heap, HeapItem } from '../matching/heap.js';
import type { Group, Lane } from '../matching/lanes.js';

/** A ready task in its lane. */
export interface Entry extends HeapItem {
  readonly taskId: string;
  /** Of the change that put it here. */
  readonly seq: number;
  score: number;
  /** Where it would best be done. */
  readonly prefer: Place | null;
  lane: MemoryLane;
}

export type MemoryTasks = Heap<Entry>;
export type MemoryLane = Lane<MemoryTasks>;
export type MemoryGroup = Group<MemoryTasks>;
