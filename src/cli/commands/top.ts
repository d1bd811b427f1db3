import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { TOP_VIEW, type TopSnapshot, topScreen } from '../output/top-view.js';
import { take } from '../show.js';

const MOST_AGENTS = 100;
const MOST_TASKS = 15;
const MOST_OPERATIONS = 5;
const DEFAULT_INTERVAL_MS = 1_000;
const CTRL_C = '\u0003';

export const TOP: Command = {
  path: ['top'],
  summary: 'Show queues, agents, running tasks and operations as they change',
  detail:
    'On a terminal the screen is redrawn until q or Ctrl-C. Elsewhere, and with --once, it is shown once.',
  options: [
    { name: 'once', doc: 'show it once' },
    { name: 'interval', value: 'DURATION', doc: 'how often it asks', default: '1s' },
  ],
  examples: [
    { line: 'reeve top', doc: 'what is going on' },
    { line: 'reeve top --once -o json', doc: 'for a program' },
  ],
  run: async (invocation) => {
    const { given, out, signal } = invocation;
    if (given.switched('once') || !out.live) {
      const snapshot = await look(invocation);
      if (out.format === 'table') await out.text(topScreen(snapshot, out.scene));
      else await out.one(TOP_VIEW, snapshot);
      return EXIT.ok;
    }
    invocation.beginWaiting('Leave --timeout out to watch without end.');
    const keys = listen(invocation);
    for (;;) {
      await out.redrawText(topScreen(await look(invocation), out.scene));
      const waiting = sleep(given.duration('interval') ?? DEFAULT_INTERVAL_MS, null, { signal });
      const code = await Promise.race([waiting, keys]);
      if (code !== null) return code;
    }
  },
};

async function look({ client, world }: Invocation): Promise<TopSnapshot> {
  const { queue, agents, operations, list } = asked(client());
  const [stats, fleet, running, open] = await Promise.all([
    queue.stats(),
    take(agents.list({ limit: MOST_AGENTS + 1 }), MOST_AGENTS),
    take(list({ states: ['RUNNING', 'PREEMPTING', 'CANCELLING'], limit: MOST_TASKS + 1 }), MOST_TASKS),
    take(operations.list({ onlyOpen: true, limit: MOST_OPERATIONS + 1 }), MOST_OPERATIONS),
  ]);
  return {
    time: new Date(world.now()),
    queue: stats,
    agents: fleet.taken,
    tasks: running.taken,
    operations: open.taken,
    hasMore: { agents: fleet.more, tasks: running.more, operations: open.more },
  };
}

function asked(client: ReturnType<Invocation['client']>) {
  const { queue, agents, operations } = client;
  const list: typeof client.list = (query) => client.list(query);
  return { queue, agents, operations, list };
}

/** Resolves with the exit code once the person wants to leave. The terminal hands over keys as they come. */
function listen({ world: { stdin }, onEnd }: Invocation): Promise<number> {
  if (!stdin.isTTY) return new Promise(() => {});
  stdin.setRawMode?.(true);
  onEnd(() => {
    stdin.setRawMode?.(false);
    stdin.pause();
  });
  return new Promise((resolve) => {
    stdin.on('data', (keys: Buffer | string) => {
      const text = String(keys);
      if (text.includes(CTRL_C)) resolve(EXIT.interrupted);
      else if (/q/i.test(text)) resolve(EXIT.ok);
    });
  });
}
