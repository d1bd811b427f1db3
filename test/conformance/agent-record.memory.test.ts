import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { systemClock } from '../../src/system/clock.js';
import { describeAgentRecord } from './agent-record.js';

describeAgentRecord('memory', async () => ({
  agents: createMemoryAgentRecord(systemClock),
  close: async () => {},
}));
