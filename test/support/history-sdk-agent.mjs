// An agent process on the SDK that writes what its handlers see into a history.
// `node history-sdk-agent.mjs ADDRESS AGENT_ID HISTORY_FOLDER`
import { openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { agent } from '@reeve/sdk';

const [address, agentId, folder] = process.argv.slice(2);
// The process is part of the name: a successor must not be taken for the same holder.
const by = `${agentId}-${process.pid}`;
const file = openSync(path.join(folder, `${by}.jsonl`), 'a');
let op = 0;

function saw(verb, { taskId, epoch, attempt }) {
  const at = Number(process.hrtime.bigint() / 1000n) / 1000;
  writeSync(file, `${JSON.stringify({ at, by, op: ++op, verb, type: 'ok', taskId, epoch, attempt })}\n`);
}

function handled(handler) {
  return (_input, ctx) => {
    saw('assigned', ctx);
    ctx.signal.addEventListener('abort', () => saw('aborted', ctx));
    return handler(ctx);
  };
}

const aborted = (ctx) =>
  new Promise((_resolve, reject) => {
    if (ctx.signal.aborted) reject(ctx.signal.reason);
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
  });

const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const worker = agent({ address, agentId, slots: 4, log });
worker.handle(
  'sdk.quick',
  handled((ctx) => ({ epoch: ctx.epoch })),
);
// Ends the process the hard way on every attempt.
worker.handle(
  'sdk.dies',
  handled(() => process.kill(process.pid, 'SIGKILL')),
);
// Renews until it is cancelled.
worker.handle('sdk.stuck', handled(aborted));
// Runs until its process is told to let go.
const released = new Promise((resolve) => process.once('SIGUSR2', resolve));
worker.handle(
  'sdk.held',
  handled(async (ctx) => {
    await Promise.race([released, aborted(ctx)]);
    return { epoch: ctx.epoch };
  }),
);
await worker.run();
