import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import { systemClock } from '../../src/system/clock.js';
import { describeWorkflowRecord } from './workflow-record.js';

const tables = createTables();

describeWorkflowRecord('memory', async () => ({
  record: createMemoryTaskRecord(systemClock, tables),
  workflows: createMemoryWorkflowRecord(systemClock, tables),
  close: async () => {},
}));
