// An agent process: does nothing with each task but note when it came.
// `agent.js ADDRESS AGENT_ID SLOTS`
import { agent } from '@reeve/sdk';
import { monotonicMs, serveQuestions } from '../program.js';

export type AgentQuestion = 'count' | 'delays' | 'first' | 'forget';

const [address = '', agentId = '', slots = ''] = process.argv.slice(2);
let handled = 0;
let delays: number[] = [];
/** When it got the first task of those that it keeps, or gives back what it got with. */
let firstMs: number | null = null;

const worker = agent({ address, agentId, slots: Number(slots) });
worker.handle('bench.noop', () => {
  handled += 1;
});
worker.handle('bench.echo', (input) => {
  handled += 1;
  firstMs ??= monotonicMs();
  return (input as { n: number }).n;
});
worker.handle('bench.timed', (input) => {
  handled += 1;
  delays.push(monotonicMs() - (input as { intendedMs: number }).intendedMs);
});
worker.handle('bench.held', (_, { signal }) => {
  firstMs ??= monotonicMs();
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
});
await worker.start();

serveQuestions(async ({ question }: { question: AgentQuestion }) => {
  if (question === 'count') return { handled };
  if (question === 'first') return { firstMs };
  if (question === 'forget') {
    firstMs = null;
    return {};
  }
  const answer = { delays };
  delays = [];
  return answer;
});
