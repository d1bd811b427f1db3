// Counts what a store has, against the keys that the clients were told of.
// `read-back.js PEER STORE_URL ACKED_FILE`
import { readFileSync } from 'node:fs';
import { peerOf } from '../peers.js';
import { serveQuestions } from './serve.js';

const [name = '', url = '', ackedFile = ''] = process.argv.slice(2);

serveQuestions(async () => {
  const lines = readFileSync(ackedFile, 'utf8').split('\n').filter(Boolean);
  const acked = new Set(lines);
  const { tasks, succeeded, redelivered } = await peerOf(name).readBack(url);
  const results = new Set(succeeded);
  const unknown = [...results].filter((key) => !acked.has(key)).length;
  return {
    acknowledged: acked.size,
    tasks,
    succeeded: results.size,
    /** Acknowledged, and no result is stored. */
    lost: [...acked].filter((key) => !results.has(key)).length,
    /** Keys acknowledged twice, results of keys that nobody was told of, second results of a key. */
    duplicated: lines.length - acked.size + unknown + (succeeded.length - results.size),
    redelivered,
  };
});
