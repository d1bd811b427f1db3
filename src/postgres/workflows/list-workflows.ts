import { isOver, type Workflow } from '../../domain/workflows/workflow.js';
import type { WorkflowQuery } from '../../ports/workflow-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeWorkflow, type WorkflowColumns } from './rows.js';

const LIST_WORKFLOWS = loadStatement('./list-workflows.sql', import.meta.url);
const LIST_OPEN_WORKFLOWS = loadStatement('./list-open-workflows.sql', import.meta.url);

/** Workflows looked at by one statement where not all match, so that writes need not wait long. */
const SLICE = 1_000;
const ABOVE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

interface Row extends WorkflowColumns {
  readonly matches: boolean;
  readonly visited: number;
}

export async function listWorkflows(db: Database, query: WorkflowQuery): Promise<Workflow[]> {
  const { org, states, name, labels, limit } = query;
  const isFiltered = states.length > 0 || name !== '' || Object.keys(labels).length > 0;
  const onlyOpen = states.length > 0 && !states.some(isOver);
  const statement = onlyOpen ? LIST_OPEN_WORKFLOWS : LIST_WORKFLOWS;
  const size = isFiltered ? SLICE : Math.min(limit, SLICE);
  const found: Workflow[] = [];
  let beforeId = query.beforeId ?? ABOVE_ALL;
  for (let visited = size; visited === size && found.length < limit; ) {
    const values = [org, beforeId, size, states, name, JSON.stringify(labels)];
    const rows = await db.read<Row>(statement, values);
    for (const row of rows) if (row.matches) found.push(decodeWorkflow(row));
    visited = rows[0]?.visited ?? 0;
    beforeId = rows.at(-1)?.id ?? beforeId;
  }
  return found.slice(0, limit);
}
