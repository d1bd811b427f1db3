import type { Band } from '../../domain/tasks/source.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type { Tier } from '../../domain/tasks/tier.js';
import type { RequirementsColumn } from './spec-columns.js';

/** The columns that the index needs of a task. */
export interface ReadyColumns {
  readonly seq: number;
  readonly epoch: number;
  readonly band: Band;
  readonly tier: Tier;
  readonly score: number;
  readonly kind_of_task: string;
  /** Who holds it, or held it last. */
  readonly agent_id: string | null;
}

/** What a statement answers for a task that may be back before an agent. */
export interface MovedRow extends ReadyColumns {
  readonly state: TaskState;
  readonly run_time: number | null;
  /** With QUEUED and SCHEDULED. */
  readonly requirements: RequirementsColumn | null;
  /** Not from statements that neither end tasks nor open them again. */
  readonly workflow_id?: string | null;
}
export interface ChangedRow extends BatchRow, MovedRow {}

/** What every batch statement answers: one row an input. */
export interface BatchRow {
  /** Which input, from 1. */
  readonly n: number;
  readonly kind: string;
  readonly state: TaskState;
  readonly epoch: number;
}

/** A row of a task that depends on the task of an item, and was moved on by it. */
export interface DependentRow extends BatchRow, MovedRow {
  readonly dependent_id: string;
}
