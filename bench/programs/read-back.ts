// Counts with plain SQL what a stopped coordinator has in its record, against the ids that
// its clients got. Shares no code with the product. `read-back.js DATA_FOLDER|POSTGRES_URL ACKED_FILE`
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { serveQuestions } from '../program.js';
import type { ReadBack } from '../read-back.js';

const [where = '', ackedFile = ''] = process.argv.slice(2);

interface Queries {
  query<T>(sql: string): Promise<{ rows: T[] }>;
  close(): Promise<void>;
}

async function open(): Promise<Queries> {
  if (!where.startsWith('postgres://')) {
    const db = await PGlite.create(path.join(where, 'pg18'));
    return { query: (sql) => db.query(sql), close: () => db.close() };
  }
  const client = new pg.Client({ connectionString: where });
  await client.connect();
  return {
    query: async <T>(sql: string) => ({ rows: (await client.query(sql)).rows as T[] }),
    close: () => client.end(),
  };
}

async function readBack(): Promise<ReadBack> {
  const lines = readFileSync(ackedFile, 'utf8').split('\n').filter(Boolean);
  const acked = new Set(lines);
  const db = await open();
  const rows = async <T>(sql: string) => (await db.query<T>(sql)).rows;
  const tasks = await rows<{ id: string; state: string; epoch: number }>(
    'SELECT id, state, epoch::int FROM task',
  );
  const twice = await rows(
    `SELECT task_id FROM task_trail WHERE type = 'SUCCEEDED' GROUP BY task_id HAVING count(*) > 1
     UNION
     SELECT task_id FROM task_result WHERE outcome = 'SUCCEEDED' GROUP BY task_id HAVING count(*) > 1`,
  );
  await db.close();

  const succeeded = new Set(tasks.filter(({ state }) => state === 'SUCCEEDED').map(({ id }) => id));
  const unknown = tasks.filter(({ id }) => !acked.has(id)).length;
  return {
    acknowledged: acked.size,
    tasks: tasks.length,
    succeeded: succeeded.size,
    lost: [...acked].filter((id) => !succeeded.has(id)).length,
    duplicated: lines.length - acked.size + unknown + twice.length,
    redelivered: tasks.reduce((sum, { epoch }) => sum + Math.max(0, epoch - 1), 0),
  };
}

serveQuestions(readBack);
