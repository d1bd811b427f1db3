// A worker process: does nothing with each task but note when it came.
// `worker.js PEER VARIANT STORE_URL`
import { peerOf, variantOf } from '../peers.js';
import { monotonicMs, serveQuestions } from './serve.js';

const [name = '', variant = '', url = ''] = process.argv.slice(2);
let handled = 0;
/** @type {number[]} */
let delays = [];

await peerOf(name).worker(url, variantOf(variant), ({ intendedMs }) => {
  handled += 1;
  if (intendedMs !== undefined) delays.push(monotonicMs() - intendedMs);
  return { ok: true };
});

serveQuestions(async (/** @type {{ question: 'count' | 'delays' }} */ { question }) => {
  if (question === 'count') return { handled };
  const answer = { delays };
  delays = [];
  return answer;
});
