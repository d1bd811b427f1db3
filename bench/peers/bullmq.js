// BullMQ keeps a finished job's hash, with what its handler returned, until it is told to remove it.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { fatal, installedVersion, QUEUE } from './peer.js';

const CONCURRENCY = 200;
const READ_AT_ONCE = 1_000;

/** @type {import('./peer.js').Peer} */
export const bullmq = {
  name: 'bullmq',
  version: installedVersion('bullmq'),
  store: 'redis',
  settings: (variant) => ({
    ioredis: installedVersion('ioredis'),
    removeOnComplete: false,
    ...(variant === 'tuned'
      ? { submit: 'addBulk', concurrency: CONCURRENCY }
      : { submit: 'add, concurrently', concurrency: 1 }),
  }),
  mostPerSecond: () => null,

  async prepare(url) {
    const queue = openQueue(url);
    await queue.waitUntilReady();
    await queue.close();
  },

  async client(url, variant) {
    const queue = openQueue(url);
    await queue.waitUntilReady();
    return {
      async submit(inputs) {
        if (variant === 'tuned' && inputs.length > 1)
          await queue.addBulk(inputs.map((data) => ({ name: QUEUE, data })));
        else await Promise.all(inputs.map((data) => queue.add(QUEUE, data)));
        return inputs.map(({ key }) => key);
      },
      async open() {
        const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized');
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      },
      close: () => queue.close(),
    };
  },

  async worker(url, variant, onTask) {
    const worker = new Worker(QUEUE, async ({ data }) => onTask(data), {
      // Its workers insist on this: blocking commands are repeated as long as it takes.
      connection: { url, maxRetriesPerRequest: null },
      ...(variant === 'tuned' && { concurrency: CONCURRENCY }),
    });
    worker.on('error', fatal);
    await worker.waitUntilReady();
    return { close: () => worker.close() };
  },

  async readBack(url) {
    const redis = new Redis(url);
    const prefix = `bull:${QUEUE}:`;
    /** @param {string} key */
    const size = async (key) =>
      (await redis.type(prefix + key)) === 'list' ? redis.llen(prefix + key) : redis.zcard(prefix + key);
    const states = ['wait', 'active', 'delayed', 'prioritized', 'failed', 'completed'];
    const sizes = await Promise.all(states.map(size));
    const succeeded = [];
    let redelivered = 0;
    for (let from = 0; ; from += READ_AT_ONCE) {
      const ids = await redis.zrange(`${prefix}completed`, `${from}`, `${from + READ_AT_ONCE - 1}`);
      if (ids.length === 0) break;
      const jobs = await Promise.all(ids.map((id) => redis.hmget(prefix + id, 'data', 'returnvalue', 'ats')));
      for (const [data, result, starts] of jobs) {
        if (data && result) succeeded.push(JSON.parse(data).key);
        redelivered += Math.max(0, Number(starts ?? 1) - 1);
      }
    }
    await redis.quit();
    return { tasks: sizes.reduce((sum, count) => sum + count, 0), succeeded, redelivered };
  },
};

/** @param {string} url */
function openQueue(url) {
  const queue = new Queue(QUEUE, { connection: { url } });
  queue.on('error', fatal);
  return queue;
}
