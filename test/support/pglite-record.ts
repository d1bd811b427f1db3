import path from 'node:path';
import type { AgentRecord } from '../../src/ports/agent-record.js';
import type { ConfigRecord } from '../../src/ports/config-record.js';
import type { Failpoints } from '../../src/ports/failpoints.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { Log } from '../../src/ports/log.js';
import type { OperationRecord } from '../../src/ports/operation-record.js';
import type { QueueRecord } from '../../src/ports/queue-record.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { WorkflowRecord } from '../../src/ports/workflow-record.js';
import { createAgentRecord } from '../../src/postgres/agents/agent-record.js';
import { createConfigRecord } from '../../src/postgres/config/config-record.js';
import type { Database } from '../../src/postgres/database.js';
import { openPglite } from '../../src/postgres/drivers/pglite.js';
import { migrate } from '../../src/postgres/migrate.js';
import { createOperationRecord } from '../../src/postgres/operations/operation-record.js';
import { ensurePartitions } from '../../src/postgres/partitions.js';
import { createQueueRecord } from '../../src/postgres/queues/queue-record.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { createWorkflowRecord } from '../../src/postgres/workflows/workflow-record.js';
import { temporaryFolder } from './temporary-folder.js';

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface PgliteRecord {
  readonly db: Database;
  readonly record: TaskRecord;
  readonly agents: AgentRecord;
  readonly operations: OperationRecord;
  readonly queues: QueueRecord;
  readonly config: ConfigRecord;
  readonly workflows: WorkflowRecord;
  close(): Promise<void>;
}

/** An empty database in a folder of its own. Takes seconds: share one in a file, tell tests apart by org. */
export function openEmptyPglite(): Promise<Database> {
  return openPglite({ dir: path.join(temporaryFolder('pglite'), 'pg18'), log: SILENT });
}

/** The record on an embedded Postgres, with schema and partitions. */
export async function openPgliteRecord(failpoints: Failpoints = NO_FAILPOINTS): Promise<PgliteRecord> {
  return recordOn(await openEmptyPglite(), failpoints);
}

/** The record on an empty database. */
export async function recordOn(db: Database, failpoints: Failpoints = NO_FAILPOINTS): Promise<PgliteRecord> {
  await migrate(db);
  await ensurePartitions(db, Date.now(), 1);
  return {
    db,
    record: createTaskRecord(db, { failpoints, log: SILENT }),
    agents: createAgentRecord(db),
    operations: createOperationRecord(db),
    queues: createQueueRecord(db),
    config: createConfigRecord(db),
    workflows: createWorkflowRecord(db),
    close: () => db.close(),
  };
}
