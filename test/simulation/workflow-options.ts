import type { WorkflowSpec } from '../../src/domain/workflows/spec.js';
import type { StepLimits } from '../../src/domain/workflows/steps.js';
import type { Tables } from '../../src/memory/record/tables.js';
import type { WorkflowRow } from '../../src/memory/record/workflows/workflow-row.js';
import type { ContextProvider } from '../../src/ports/context-provider.js';
import type { Failpoint } from '../../src/ports/failpoints.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { ContextWrite, WorkflowRecord } from '../../src/ports/workflow-record.js';
import type { Chance } from './chance.js';
import type { Trace } from './trace.js';
import type { Asked } from './workflow-asked.js';

export interface WorkflowWorldOptions {
  readonly seed: number;
  readonly coordinators: number;
  readonly specs: (chance: Chance) => readonly WorkflowSpec[];
  /** How likely a coordinator dies at each failpoint of workflows while there are faults. */
  readonly deadly: number;
  /** Only at these; default: at each of workflows. */
  readonly failpoints?: readonly Failpoint[];
  /** Whether workflows are cancelled and retried by chance. */
  readonly steers: boolean;
  /** What is written to the context of each once something in it has expanded. Default: nothing. */
  readonly patches?: readonly ContextWrite[];
  /** Answers look-ups. Default: with what was asked. */
  readonly contexts?: ContextProvider;
  /** A bug to be caught, put in front of the record. */
  readonly planted?: (record: WorkflowRecord) => WorkflowRecord;
  /** Stands before the record of tasks. */
  readonly wrapTasks?: (record: TaskRecord) => TaskRecord;
  /** Of workflows. Default: small ones, so that they are reached. */
  readonly limits?: StepLimits;
}

export interface WorkflowOutcome {
  readonly asked: readonly Asked[];
  readonly tables: Tables;
  readonly trace: Trace;
  /** Of the simulation and of the program; empty is good. */
  readonly errors: readonly string[];
  /** Failpoints at which a coordinator died. */
  readonly deaths: ReadonlyMap<string, number>;
  rowOf(asked: Asked): WorkflowRow;
}
