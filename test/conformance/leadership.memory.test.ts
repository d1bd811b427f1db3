import { FakeClock } from '../support/fake-clock.js';
import { createMemoryLeadership } from '../support/memory-leadership.js';
import { describeLeadership } from './leadership.js';

describeLeadership('a clock of the test', async () => ({
  create() {
    const clock = new FakeClock();
    const expire = async () => clock.advance(60_000);
    return { leadership: createMemoryLeadership(clock), expire };
  },
  close: async () => undefined,
}));
