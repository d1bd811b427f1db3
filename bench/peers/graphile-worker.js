// graphile-worker deletes a finished job and keeps nothing of it, so the handlers store their
// results in a table beside it, in the same database, before they return.
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { fatal, installedVersion, QUEUE } from './peer.js';
import { batched } from './result-batches.js';

const TUNED = {
  concurrentJobs: 500,
  maxPoolSize: 10,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

const RESULT_TABLE = `CREATE TABLE IF NOT EXISTS bench_result (
  job_id bigint PRIMARY KEY,
  task_key uuid NOT NULL,
  output jsonb NOT NULL,
  runs integer NOT NULL DEFAULT 1,
  finished_at timestamptz NOT NULL DEFAULT now()
)`;
const STORE_ONE = `INSERT INTO bench_result (job_id, task_key, output) VALUES ($1, $2, $3)
  ON CONFLICT (job_id) DO UPDATE SET runs = bench_result.runs + 1`;
const STORE_MANY = `INSERT INTO bench_result (job_id, task_key, output)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::jsonb[])
  ON CONFLICT (job_id) DO UPDATE SET runs = bench_result.runs + 1`;
// Without the rows that add_jobs returns, which nobody reads.
const ADD_MANY = `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
  SELECT ROW('${QUEUE}', payload, NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec
  FROM json_array_elements($1::json) AS payload))`;
// The newest are finished last. To look from the other end would go over all that were deleted.
const ANY_OPEN = 'SELECT id FROM graphile_worker._private_jobs ORDER BY id DESC LIMIT 1';

// One line a task, by default on stdout: left out, in its favour.
const logger = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`${message}\n`);
});

/** @type {import('./peer.js').Peer} */
export const graphileWorker = {
  name: 'graphile-worker',
  version: installedVersion('graphile-worker'),
  store: 'postgres',
  settings: (variant) => ({
    pg: installedVersion('pg'),
    logger: 'errors only',
    ...(variant === 'tuned'
      ? {
          submit: 'add_jobs(…) of a whole batch, by SQL',
          ...TUNED,
          noHandleSignals: true,
          crontab: 'none',
          results: 'one INSERT for all handlers that wait, each awaits its commit',
        }
      : {
          submit: 'addJob, concurrently',
          concurrentJobs: 1,
          maxPoolSize: 10,
          localQueue: 'none',
          results: 'one INSERT a handler',
        }),
  }),
  mostPerSecond: () => null,

  async prepare(url) {
    await runMigrations({ connectionString: url, logger });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(RESULT_TABLE);
    await client.end();
  },

  async client(url, variant) {
    const pool = openPool(url);
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    return {
      async submit(inputs) {
        if (variant === 'tuned')
          await pool.query({ name: 'add', text: ADD_MANY, values: [JSON.stringify(inputs)] });
        else await Promise.all(inputs.map((input) => utils.addJob(QUEUE, input)));
        return inputs.map(({ key }) => key);
      },
      open: async () => (await pool.query({ name: 'open', text: ANY_OPEN })).rows.length,
      async close() {
        await utils.release();
        await pool.end();
      },
    };
  },

  async worker(url, variant, onTask) {
    const pool = openPool(url, TUNED.maxPoolSize);
    const storeMany = batched(async (/** @type {[string, string, string][]} */ rows) => {
      const values = [rows.map(([id]) => id), rows.map(([, key]) => key), rows.map(([, , output]) => output)];
      await pool.query({ name: 'store', text: STORE_MANY, values });
    });
    const runner = await run({
      pgPool: pool,
      logger,
      ...(variant === 'tuned' && { noHandleSignals: true, parsedCronItems: [], preset: { worker: TUNED } }),
      taskList: {
        async [QUEUE](payload, { job, query }) {
          const input = /** @type {import('./peer.js').Input} */ (payload);
          const output = JSON.stringify(await onTask(input));
          if (variant === 'tuned') await storeMany([job.id, input.key, output]);
          else await query(STORE_ONE, [job.id, input.key, output]);
        },
      },
    });
    runner.promise.catch(fatal);
    return {
      async close() {
        await runner.stop();
        await pool.end();
      },
    };
  },

  async readBack(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const left = await client.query('SELECT count(*)::int AS n FROM graphile_worker._private_jobs');
    const results = await client.query('SELECT task_key, runs FROM bench_result');
    await client.end();
    return {
      tasks: left.rows[0].n + results.rows.length,
      succeeded: results.rows.map((row) => row.task_key),
      redelivered: results.rows.reduce((sum, { runs }) => sum + runs - 1, 0),
    };
  },
};

/**
 * @param {string} url
 * @param {number} [max]
 */
function openPool(url, max = 10) {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', fatal);
  pool.on('connect', (connection) => void connection.on('error', fatal));
  return pool;
}
