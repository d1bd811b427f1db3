import { leastConnections } from '../../src/domain/selection/least-connections.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { FakeClock } from '../support/fake-clock.js';
import { describeReadyIndex } from './ready-index.js';

describeReadyIndex('memory', () => {
  const clock = new FakeClock();
  const index = new MemoryIndex({ clock, strategy: leastConnections, minHealth: 0.5 });
  return { index, advance: (ms) => clock.advance(ms) };
});
