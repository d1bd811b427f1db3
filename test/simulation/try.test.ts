import { test } from 'vitest';
import { simulate } from './simulate.js';

test('try', async () => {
  const t = performance.now();
  let events = 0,
    bad = 0,
    ms = 0,
    tasks = 0;
  const N = Number(process.env.N ?? 20),
    S = Number(process.env.S ?? 1);
  const kinds = new Map<string, number>();
  for (let seed = S; seed < S + N; seed++) {
    const o = await simulate(seed, { coordinators: 3, agents: 5, tasks: 30 });
    events += o.events;
    ms += o.ms;
    tasks += o.tables.tasks.size;
    for (const r of o.tables.tasks.values()) {
      const k = `${r.state} ${r.reason}`;
      kinds.set(k, (kinds.get(k) ?? 0) + 1);
    }
    if (o.violations.length) {
      bad++;
      if (bad < 6) console.log(seed, o.violations.slice(0, 4));
      if (process.env.V) console.log(o.trace.lines.join('\n'));
    }
  }
  console.log({ events, bad, tasks, virtual: ms / N, took: performance.now() - t, kinds });
}, 600_000);
