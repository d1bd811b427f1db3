import type { ApprovalRow, EdgeRow, RequestName, ResultRow, TaskRow } from './rows.js';

/** Claims made for a call, so that its repeat finds them. */
export interface LeaseRequestRow {
  readonly org: string;
  readonly agentId: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly createTime: number;
}

/** All that the record of tasks holds. Rows are reached by (org, id) only. */
export interface Tables {
  readonly tasks: Map<string, TaskRow>;
  /** What tasks wait for, by (org, task). */
  readonly edges: Map<string, readonly EdgeRow[]>;
  /** The same edges by (org, upstream). */
  readonly edgesTo: Map<string, EdgeRow[]>;
  /** Names of submissions. */
  readonly requests: Map<string, RequestName>;
  /** By (org, task, epoch). */
  readonly results: Map<string, ResultRow>;
  /** What persons were asked, by (org, task). */
  readonly approvals: Map<string, ApprovalRow>;
  leaseRequests: readonly LeaseRequestRow[];
}

export function createTables(): Tables {
  return {
    tasks: new Map(),
    edges: new Map(),
    edgesTo: new Map(),
    requests: new Map(),
    results: new Map(),
    approvals: new Map(),
    leaseRequests: [],
  };
}

/** The key of a row: org, then whatever names it there. */
export function keyOf(org: string, ...names: readonly (string | number)[]): string {
  return [org, ...names].join('\0');
}

export function findTask(
  { tasks }: Tables,
  { org, taskId }: { readonly org: string; readonly taskId: string },
): TaskRow | undefined {
  return tasks.get(keyOf(org, taskId));
}
