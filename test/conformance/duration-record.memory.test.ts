import { createMemoryDurationRecord } from '../../src/memory/record/duration-record.js';
import { FakeClock } from '../support/fake-clock.js';
import { describeDurationRecord } from './duration-record.js';

describeDurationRecord('memory', async () => {
  const clock = new FakeClock();
  return {
    durations: createMemoryDurationRecord(clock),
    later: async (ms) => clock.advance(ms),
    close: async () => {},
  };
});
