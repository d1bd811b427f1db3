// A client process: submits as told and remembers what was acknowledged.
// `client.js ADDRESS PAYLOAD_BYTES ACKED_FILE [TENANTS]`
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@reeve/sdk';
import { monotonicMs, serveQuestions } from '../program.js';
import { chain, fanOut, type WorkflowQuestion } from './workflow-client.js';

export type ClientQuestion =
  | (FloodQuestion & { readonly do: 'flood' })
  | { readonly do: 'open-loop'; readonly rate: number; readonly seconds: number }
  | WorkflowQuestion;

interface FloodQuestion {
  readonly tasks: number;
  readonly batch: number;
  readonly inFlight: number;
  /** Default: what agents do nothing with. */
  readonly kind?: string;
}

const [address = '', payloadBytes = '', ackedFile = '', tenants = '0'] = process.argv.slice(2);
const client = createClient({ address, timeoutMs: 120_000 });
const filler = 'x'.repeat(Math.max(0, Number(payloadBytes) - 12));
let submitted = 0;
await client.ready();

/** What tasks share with others: those of each tenant come in turn. */
function shared() {
  if (tenants === '0') return {};
  const tenant = `tenant/${submitted++ % Number(tenants)}`;
  return { limitKeys: ['api', tenant], fairnessKey: tenant };
}

/** Submits all of them as fast as the acknowledgements come. */
async function flood({ tasks, batch, inFlight, kind = 'bench.noop' }: FloodQuestion): Promise<object> {
  const ids: string[] = [];
  const startMs = monotonicMs();
  let left = tasks;
  const lane = async () => {
    while (left > 0) {
      const count = Math.min(batch, left);
      left -= count;
      const requests = Array.from({ length: count }, () => ({ kind, input: { filler }, ...shared() }));
      for (const outcome of await client.submitMany(requests)) {
        if (!outcome.ok) throw outcome.error;
        ids.push(outcome.task.taskId);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const ackedMs = monotonicMs();
  appendFileSync(ackedFile, `${ids.join('\n')}\n`);
  return { startMs, ackedMs };
}

/** Submits one by one at its intended times, however long each takes: delays add up in the open. */
async function openLoop(rate: number, seconds: number): Promise<object> {
  const startMs = monotonicMs() + 100;
  const pending: Promise<string>[] = [];
  for (let n = 0; n < rate * seconds; n++) {
    const intendedMs = startMs + (n * 1_000) / rate;
    const waitMs = intendedMs - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    pending.push(
      client
        .submit({ kind: 'bench.timed', input: { intendedMs, filler }, ...shared() })
        .then(({ taskId }) => taskId),
    );
  }
  const ids = await Promise.all(pending);
  appendFileSync(ackedFile, `${ids.join('\n')}\n`);
  return { submitted: ids.length };
}

serveQuestions((question: ClientQuestion) => {
  switch (question.do) {
    case 'flood':
      return flood(question);
    case 'open-loop':
      return openLoop(question.rate, question.seconds);
    case 'fan-out':
      return fanOut(client, question.size, filler);
    case 'chain':
      return chain(client, question);
  }
});
