// An agent process of `big-workflow.ts`, which writes down each task that it begins before it does it.
// `node big-workflow-agent.mjs ADDRESS AGENT_ID FILE`
import { openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { agent } from '@reeve/sdk';

const [address, agentId, name] = process.argv.slice(2);
const file = openSync(name, 'a');
const ran = ({ taskId, epoch }) => writeSync(file, `${JSON.stringify({ taskId, epoch })}\n`);

const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const worker = agent({ address, agentId, slots: 40, log });
worker.handle('big.list', ({ count }, ctx) => {
  ran(ctx);
  return { ns: Array.from({ length: count }, (_, n) => n) };
});
worker.handle('big.each', async ({ n }, ctx) => {
  ran(ctx);
  await setTimeout(100);
  return [{ n, square: n * n }];
});
worker.handle('big.sum', ({ squares }, ctx) => {
  ran(ctx);
  return squares.reduce((sum, square) => sum + square, 0);
});
await worker.run();
