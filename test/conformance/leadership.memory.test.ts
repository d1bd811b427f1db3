import { FakeClock } from '../support/fake-clock.js';
import { createMemoryLeadership } from '../support/memory-leadership.js';
import { describeLeadership } from './leadership.js';

describeLeadership('a clock of the test', async () => ({
  create() {
    const clock = new FakeClock();
    let backMs = 0;
    const leadership = createMemoryLeadership({ now: () => clock.now() - backMs });
    return {
      leadership,
      expire: async () => clock.advance(60_000),
      async turnClockBack() {
        backMs += 3_600_000;
      },
    };
  },
  close: async () => undefined,
}));
