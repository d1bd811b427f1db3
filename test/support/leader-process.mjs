// Asks for the leadership in the record at argv[2] as argv[3], and while it leads writes a row of
// `act` again and again, through a guarded port. Says "leads" and "stopped"; at a line of stdin it
// stops in order.
import { createInterface } from 'node:readline';
import { createLeader } from '../../dist/maintenance/leader.js';
import { createTerm } from '../../dist/maintenance/term.js';
import { createTicker } from '../../dist/maintenance/ticker.js';
import { openServer } from '../../dist/postgres/drivers/server.js';
import { createLeadership } from '../../dist/postgres/leader/leadership.js';
import { systemClock as clock } from '../../dist/system/clock.js';

const [, , url, holder] = process.argv;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const db = openServer({ url, log });
const term = createTerm(clock);
const ACT = { name: 'act', text: 'INSERT INTO act (holder) VALUES ($1)' };
const acting = term.guard({ act: () => db.write(ACT, [holder]) });
const tick = () => acting.act().then(() => false);
const ticker = createTicker({ name: 'acting', clock, log, everyMs: 20, tick });
const service = {
  start() {
    console.log('leads');
    ticker.start();
  },
  async stop() {
    await ticker.stop();
    console.log('stopped');
  },
};
const leader = createLeader({
  leadership: createLeadership(db),
  holder,
  term,
  clock,
  log,
  services: [service],
});
leader.start();
// Its timers keep no process alive; the input does.
for await (const _ of createInterface({ input: process.stdin })) break;
await leader.stop();
await db.close();
process.exit();
