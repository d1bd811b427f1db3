import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { systemClock } from '../../src/system/clock.js';
import { describeTaskRecord } from './task-record.js';

describeTaskRecord('memory', async () => ({
  record: createMemoryTaskRecord(systemClock),
  close: async () => {},
}));
