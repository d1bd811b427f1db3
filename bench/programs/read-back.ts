// Counts with plain SQL what a stopped coordinator has in its record, against the ids that
// its clients got. Shares no code with the product. `read-back.js DATA_FOLDER ACKED_FILE`
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { serveQuestions } from '../program.js';

export interface ReadBack {
  readonly acknowledged: number;
  readonly tasks: number;
  readonly succeeded: number;
  /** Acknowledged and not succeeded. */
  readonly lost: number;
  /** Acknowledged ids that came twice, tasks nobody was told of, tasks with two successes. */
  readonly duplicated: number;
  /** Claims beyond the first of a task. */
  readonly redelivered: number;
  readonly events: number;
  readonly postgres: string;
}

const [dataDir = '', ackedFile = ''] = process.argv.slice(2);

async function readBack(): Promise<ReadBack> {
  const lines = readFileSync(ackedFile, 'utf8').split('\n').filter(Boolean);
  const acked = new Set(lines);
  const db = await PGlite.create(path.join(dataDir, 'pg18'));
  const rows = async <T>(sql: string) => (await db.query<T>(sql)).rows;
  const tasks = await rows<{ id: string; state: string; epoch: number }>(
    'SELECT id, state, epoch::int FROM task',
  );
  const twice = await rows(
    `SELECT task_id FROM task_event WHERE type = 'SUCCEEDED' GROUP BY task_id HAVING count(*) > 1
     UNION
     SELECT task_id FROM task_result WHERE outcome = 'SUCCEEDED' GROUP BY task_id HAVING count(*) > 1`,
  );
  const [events] = await rows<{ n: number }>('SELECT count(*)::int AS n FROM task_event');
  const [version] = await rows<{ server_version: string }>('SHOW server_version');
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
    events: events?.n ?? 0,
    postgres: version?.server_version ?? '',
  };
}

serveQuestions(readBack);
