import type { NewDecision } from '../../domain/policies/decision.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { TaskSpec } from '../../domain/tasks/task.js';
import type { Terms } from '../../domain/tasks/terms.js';

/** A task that asks to be accepted. */
export interface Applicant {
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly terms: Terms;
  /** Somebody has to be there who may get it. */
  readonly requireCandidate: boolean;
  /** Ms since the epoch. */
  readonly createTime: number;
}

/** What was decided of it. */
export interface Admitted {
  readonly spec: TaskSpec;
  readonly headStartMs: number;
  readonly admission: Admission;
  readonly decisions: readonly NewDecision[];
  /** For people. */
  readonly notes: readonly string[];
}

/** With who asked. */
export interface Judged extends Admitted {
  readonly applicant: Applicant;
}
