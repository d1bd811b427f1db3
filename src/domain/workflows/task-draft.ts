import type { JsonObject, JsonValue } from '../json.js';
import type { TaskSource } from '../tasks/source.js';
import type { TaskDefaults } from './spec.js';
import type { WorkflowPlace } from './workflow.js';

/** What all tasks of a node are to be. */
export interface CommonDraft {
  readonly org: string;
  /** On whose behalf they are submitted. */
  readonly submitterSubjectId: string;
  readonly jobSpaceId: string;
  readonly source: TaskSource;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: TaskDefaults;
  /** By then they have to have ended, ms since the epoch. `null`: no bound. */
  readonly deadline: number | null;
}

/** What one of them is to be, its templates rendered. */
export interface TaskDraft {
  readonly name: string;
  /** `null`: none. */
  readonly input: JsonValue;
  readonly instructions: string;
  readonly message: string;
  readonly tools: readonly string[];
  readonly files: readonly string[];
  readonly workflow: WorkflowPlace;
  readonly keys: DraftKeys;
  /** `null`: it is not one of an expansion. */
  readonly item: DraftItem | null;
}

/** What it shares with others; empty: nothing. */
export interface DraftKeys {
  readonly limitKeys: readonly string[];
  readonly fairnessKey: string;
  readonly affinityKey: string;
}

/** What one task of an expansion is made from. */
export interface DraftItem {
  /** From 1. */
  readonly sequenceNum: number;
  readonly identifier: string;
  /** What its templates see as `item`. */
  readonly data: JsonObject;
  /** As `group.task`. */
  readonly baseTaskId: string;
  readonly totalCount: number;
}
