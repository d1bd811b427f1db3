// pg-boss keeps a finished job, with its output, until its maintenance archives it.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { fatal, installedVersion, QUEUE } from './peer.js';

const LOOPS = 2;
const BATCH = 500;
const POLL_MS = 20;
/** What `work()` waits between two jobs by default. */
const DEFAULT_POLL_SECONDS = 2;
/** How many of a client's last tasks are looked at before all are. */
const LAST = 20;

const ANY_OF_THESE_OPEN = `SELECT 1 FROM pgboss.job
  WHERE name = $1 AND id = ANY($2::uuid[]) AND state < 'completed' LIMIT 1`;
const ANY_OPEN = `SELECT 1 FROM pgboss.job WHERE name = $1 AND state < 'completed' LIMIT 1`;

/** @type {import('./peer.js').Peer} */
export const pgBoss = {
  name: 'pg-boss',
  version: installedVersion('pg-boss'),
  store: 'postgres',
  settings: (variant) => ({
    pg: installedVersion('pg'),
    ...(variant === 'tuned'
      ? {
          submit: 'insert(…) of a whole batch',
          loops: LOOPS,
          take: `fetch({ batchSize: ${BATCH}, priority: false }) + complete(ids, output)`,
          pollMs: POLL_MS,
          supervise: false,
          schedule: false,
        }
      : {
          submit: 'send, concurrently',
          take: 'work()',
          batchSize: 1,
          pollingIntervalSeconds: DEFAULT_POLL_SECONDS,
        }),
  }),
  mostPerSecond: (variant) => (variant === 'tuned' ? null : 1 / DEFAULT_POLL_SECONDS),

  async prepare(url) {
    const boss = await open(url, 'tuned');
    await boss.createQueue(QUEUE);
    await boss.stop({ wait: true });
  },

  async client(url, variant) {
    const boss = await open(url, variant);
    const watch = new pg.Client({ connectionString: url });
    watch.on('error', fatal);
    await watch.connect();
    /** @type {string[]} */
    let last = [];
    /** @param {string} name @param {string} text @param {unknown[]} values */
    const isAny = async (name, text, values) => (await watch.query({ name, text, values })).rows.length > 0;
    return {
      async submit(inputs) {
        const keys = inputs.map(({ key }) => key);
        if (variant === 'tuned')
          await boss.insert(inputs.map((data) => ({ id: data.key, name: QUEUE, data })));
        else await Promise.all(inputs.map((data) => boss.send(QUEUE, data, { id: data.key })));
        last = keys.slice(-LAST);
        return keys;
      },
      async open() {
        if (await isAny('last', ANY_OF_THESE_OPEN, [QUEUE, last])) return 1;
        return (await isAny('open', ANY_OPEN, [QUEUE])) ? 1 : 0;
      },
      async close() {
        await watch.end();
        await boss.stop();
      },
    };
  },

  async worker(url, variant, onTask) {
    const boss = await open(url, variant);
    if (variant === 'default') {
      await boss.work(
        QUEUE,
        async ([job]) => job && onTask(/** @type {import('./peer.js').Input} */ (job.data)),
      );
      return { close: () => boss.stop() };
    }
    let closing = false;
    const loops = Array.from({ length: LOOPS }, async () => {
      while (!closing) if (!(await takeBatch(boss, onTask))) await sleep(POLL_MS);
    });
    for (const loop of loops) loop.catch(fatal);
    return {
      async close() {
        closing = true;
        await Promise.all(loops);
        await boss.stop();
      },
    };
  },

  async readBack(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      `SELECT id, state = 'completed' AND output IS NOT NULL AS done, retry_count FROM pgboss.job WHERE name = $1
       UNION ALL
       SELECT id, state = 'completed' AND output IS NOT NULL, retry_count FROM pgboss.archive WHERE name = $1`,
      [QUEUE],
    );
    await client.end();
    return {
      tasks: rows.length,
      succeeded: rows.filter(({ done }) => done).map(({ id }) => id),
      redelivered: rows.reduce((sum, { retry_count }) => sum + retry_count, 0),
    };
  },
};

/**
 * Takes jobs, runs them and completes them. Resolves to whether there were any.
 * @param {PgBoss} boss
 * @param {import('./peer.js').OnTask} onTask
 */
async function takeBatch(boss, onTask) {
  const jobs = await boss.fetch(QUEUE, { batchSize: BATCH, priority: false });
  if (jobs.length === 0) return false;
  // One statement completes many jobs with one output: those that returned the same go together.
  /** @type {Map<string, string[]>} */
  const idsOf = new Map();
  await Promise.all(
    jobs.map(async ({ id, data }) => {
      const output = JSON.stringify(await onTask(/** @type {import('./peer.js').Input} */ (data)));
      const ids = idsOf.get(output);
      if (ids) ids.push(id);
      else idsOf.set(output, [id]);
    }),
  );
  await Promise.all([...idsOf].map(([output, ids]) => boss.complete(QUEUE, ids, JSON.parse(output))));
  return true;
}

/**
 * @param {string} url
 * @param {import('./peer.js').Variant} variant
 */
async function open(url, variant) {
  const boss =
    variant === 'tuned'
      ? new PgBoss({ connectionString: url, supervise: false, schedule: false })
      : new PgBoss(url);
  boss.on('error', fatal);
  await boss.start();
  return boss;
}
