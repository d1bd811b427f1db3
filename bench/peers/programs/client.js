// A client process: submits as told and remembers what was acknowledged.
// `client.js PEER VARIANT STORE_URL PAYLOAD_BYTES ACKED_FILE`
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { peerOf, variantOf } from '../peers.js';
import { monotonicMs, serveQuestions } from './serve.js';

/**
 * @typedef {{ do: 'flood', tasks: number, batch: number, inFlight: number }
 *   | { do: 'open-loop', rate: number, seconds: number }
 *   | { do: 'open' }} ClientQuestion
 */

const [name = '', variant = '', url = '', payloadBytes = '', ackedFile = ''] = process.argv.slice(2);
const client = await peerOf(name).client(url, variantOf(variant));
const ownBytes = JSON.stringify({ key: randomUUID(), filler: '' }).length;
const filler = 'x'.repeat(Math.max(0, Number(payloadBytes) - ownBytes));

/**
 * Submits all of them as fast as the acknowledgements come.
 * @param {number} tasks
 * @param {number} batch
 * @param {number} inFlight
 */
async function flood(tasks, batch, inFlight) {
  /** @type {string[]} */
  const keys = [];
  const startMs = monotonicMs();
  let left = tasks;
  const lane = async () => {
    while (left > 0) {
      const count = Math.min(batch, left);
      left -= count;
      const inputs = Array.from({ length: count }, () => ({ key: randomUUID(), filler }));
      keys.push(...(await client.submit(inputs)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const ackedMs = monotonicMs();
  remember(keys);
  return { startMs, ackedMs };
}

/**
 * Submits one by one at its intended times, however long each takes: delays add up in the open.
 * @param {number} rate
 * @param {number} seconds
 */
async function openLoop(rate, seconds) {
  const startMs = monotonicMs() + 100;
  const pending = [];
  for (let n = 0; n < rate * seconds; n++) {
    const intendedMs = startMs + (n * 1_000) / rate;
    const waitMs = intendedMs - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    pending.push(client.submit([{ key: randomUUID(), intendedMs, filler }]));
  }
  const keys = (await Promise.all(pending)).flat();
  remember(keys);
  return { submitted: keys.length };
}

/** @param {string[]} keys */
function remember(keys) {
  if (keys.length > 0) appendFileSync(ackedFile, `${keys.join('\n')}\n`);
}

serveQuestions(async (/** @type {ClientQuestion} */ question) => {
  if (question.do === 'flood') return flood(question.tasks, question.batch, question.inFlight);
  if (question.do === 'open-loop') return openLoop(question.rate, question.seconds);
  return { open: await client.open() };
});
