import type { Client, WorkflowDocument } from '@reeve/sdk';
import { monotonicMs } from '../program.js';

export type WorkflowQuestion =
  | { readonly do: 'fan-out'; readonly size: number }
  | { readonly do: 'chain'; readonly how: 'workflow' | 'plain'; readonly length: number };

export interface FanOutAnswer {
  readonly startMs: number;
  readonly endMs: number;
  /** Results in the workflow's output. */
  readonly merged: number;
}

export interface ChainAnswer {
  readonly startMs: number;
  readonly endMs: number;
}

/** How long a workflow may take, in ms. */
const PATIENCE_MS = 600_000;

/** One task that becomes many. */
export async function fanOut(client: Client, size: number, filler: string): Promise<FanOutAnswer> {
  const items = Array.from({ length: size }, (_, n) => n);
  const document: WorkflowDocument = {
    name: 'bench-fan-out',
    context: { items },
    groups: [
      {
        id: 'all',
        tasks: [
          {
            id: 'each',
            kind: 'bench.echo',
            input: { filler, n: '{{ item.n }}' },
            expand: { array: { n: 'context.items' }, outputFormat: 'merge', mergeStrategy: 'concat' },
          },
        ],
      },
    ],
  };
  const startMs = monotonicMs();
  const workflow = await client.workflows.start(document);
  await workflow.wait({ timeoutMs: PATIENCE_MS });
  const endMs = monotonicMs();
  const output = await workflow.context<{ result: readonly number[] }>('outputs.all.each');
  return { startMs, endMs, merged: new Set(output?.result).size };
}

/** Tasks one after the other: as a workflow, or each submitted when the one before it has ended. */
export async function chain(
  client: Client,
  { how, length }: { readonly how: 'workflow' | 'plain'; readonly length: number },
): Promise<ChainAnswer> {
  const kind = 'bench.echo';
  if (how === 'plain') {
    const startMs = monotonicMs();
    for (let n = 0; n < length; n++) await (await client.submit({ kind, input: { n } })).wait();
    return { startMs, endMs: monotonicMs() };
  }
  const tasks = Array.from({ length }, (_, n) => ({
    id: `t${n}`,
    kind,
    input: { n },
    ...(n > 0 && { dependsOn: `t${n - 1}` }),
  }));
  const startMs = monotonicMs();
  const workflow = await client.workflows.start({ name: 'bench-chain', groups: [{ id: 'chain', tasks }] });
  await workflow.wait({ timeoutMs: PATIENCE_MS });
  return { startMs, endMs: monotonicMs() };
}
