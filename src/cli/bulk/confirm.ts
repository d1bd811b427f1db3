import { createInterface } from 'node:readline';
import type { Invocation } from '../invocation.js';

/** Whether there is a person who can be asked. */
export function canAsk({ world }: Invocation): boolean {
  return world.stdin.isTTY === true && world.stderr.isTTY === true;
}

/** Asks a question that only `y` or `yes` affirms; the end of the input does not. */
export async function confirm({ world, onEnd }: Invocation, question: string): Promise<boolean> {
  // The terminal edits the line itself, so that Ctrl-C stays a signal.
  const lines = createInterface({ input: world.stdin, terminal: false });
  onEnd(() => lines.close());
  world.stderr.write(`${question} [y/N] `);
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
  lines.close();
  if (answer === undefined) world.stderr.write('\n');
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
