import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/postgres/database.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { migrate } from '../../src/postgres/migrate.js';
import { type LineProcess, startLineProcess } from '../support/pglite-process.js';
import { SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

interface Act {
  readonly n: number;
  readonly holder: string;
}

/** Processes that lead in turn, and what they did while they led, in the order of the record. */
async function setup(names: readonly string[]) {
  const url = await server.createDatabase();
  const db: Database = openServer({ url, log: SILENT });
  await migrate(db);
  await db.exec('CREATE TABLE act (n bigserial PRIMARY KEY, holder text NOT NULL)');
  const processes = new Map<string, LineProcess>();
  const said: { readonly name: string; readonly line: string }[] = [];
  let wake = () => {};
  for (const name of names) {
    const child = startLineProcess('leader-process.mjs', [url, name]);
    processes.set(name, child);
    const listen = async () => {
      for (;;) {
        said.push({ name, line: await child.nextLine() });
        wake();
      }
    };
    void listen().catch(() => {});
  }
  onTestFinished(async () => {
    for (const child of processes.values()) await child.kill();
    await db.close();
  });

  /** The next line of this text, of whoever says it, or of one process. */
  async function hear(line: string, from?: string): Promise<string> {
    for (;;) {
      const at = said.findIndex((one) => one.line === line && (from ?? one.name) === one.name);
      const [found] = at < 0 ? [] : said.splice(at, 1);
      if (found) return found.name;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  const list = { name: 'list-acts', text: 'SELECT n, holder FROM act WHERE n > $1::bigint ORDER BY n' };
  return {
    db,
    hear,
    acts: (after = 0) => db.read<Act>(list, [after]),
    /** Until this one has acted so often. */
    async acted(name: string, times: number): Promise<void> {
      const count = { name: 'count-acts', text: 'SELECT count(*)::int AS n FROM act WHERE holder = $1' };
      for (;;) {
        const [row] = await db.read<{ n: number }>(count, [name]);
        if ((row?.n ?? 0) >= times) return;
      }
    },
    process(name: string): LineProcess {
      const found = processes.get(name);
      if (!found) throw new Error(`no process ${name}`);
      return found;
    },
    async epoch(): Promise<number> {
      const read = { name: 'read-leader', text: 'SELECT epoch, holder FROM leader' };
      const [row] = await db.read<{ epoch: number }>(read, []);
      return row?.epoch ?? Number.NaN;
    },
  };
}

/** Who acted, each as often as it took over. */
const turns = (acts: readonly Act[]) =>
  acts.map(({ holder }) => holder).filter((holder, i, all) => holder !== all[i - 1]);

test('when the leader is killed one of the others takes over, and only one', async () => {
  const w = await setup(['a', 'b', 'c']);
  const first = await w.hear('leads');
  await w.acted(first, 5);
  await w.process(first).kill();
  const second = await w.hear('leads');
  await w.acted(second, 5);
  await w.process(second).kill();
  const third = await w.hear('leads');
  await w.acted(third, 5);

  expect(new Set([first, second, third]).size).toBe(3);
  expect(turns(await w.acts())).toEqual([first, second, third]);
  expect(await w.epoch()).toBe(3);
});

test('a leader that is frozen is replaced, and does nothing when it wakes', async () => {
  const w = await setup(['a', 'b']);
  const first = await w.hear('leads');
  await w.acted(first, 5);
  process.kill(w.process(first).pid, 'SIGSTOP');
  const second = await w.hear('leads');
  await w.acted(second, 5);
  process.kill(w.process(first).pid, 'SIGCONT');
  await w.hear('stopped', first);
  await w.acted(second, 100);
  expect(turns(await w.acts())).toEqual([first, second]);

  // It is there for the next time.
  await w.process(second).kill();
  expect(await w.hear('leads')).toBe(first);
  expect(await w.epoch()).toBe(3);
});

test('a leader that stops in order gives its place back', async () => {
  const w = await setup(['a', 'b']);
  const first = await w.hear('leads');
  w.process(first).tell('stop');
  await w.hear('stopped', first);
  const second = await w.hear('leads');
  await w.acted(second, 5);
  expect(second).not.toBe(first);
  expect(turns(await w.acts()).at(-1)).toBe(second);
});

test('a crash of the record makes nobody a leader twice', async () => {
  const w = await setup(['a', 'b']);
  const first = await w.hear('leads');
  await w.acted(first, 5);
  await server.crash();
  await w.hear('stopped', first);
  await server.restart();
  const next = await w.hear('leads');
  const [last] = (await w.acts()).slice(-1);
  await w.acted(next, 10);
  expect(new Set((await w.acts(last?.n)).map(({ holder }) => holder))).toEqual(new Set([next]));
});
