import { parseArgs } from 'node:util';
import { BENCHES, isBench } from './benches.js';
import { runEmbedded } from './embedded.js';
import { OPTIONS, type Plan, planFrom, USAGE, UsageError } from './plan.js';
import { report } from './report/report.js';

async function main(args: readonly string[]): Promise<void> {
  const { name, plan } = parse(args);
  if (!plan) {
    process.stdout.write(USAGE);
    return;
  }
  process.stderr.write(`${name}: ${plan.tasks} tasks × ${plan.runs} runs, ${plan.idleAgents} idle agents\n`);
  report(name, await runEmbedded(plan), plan.json);
}

function parse(args: readonly string[]): { name: string; plan: Plan | undefined } {
  const { values, positionals } = parseOptions(args);
  const [name, ...more] = positionals;
  if (values.help || (name === undefined && args.length === 0)) return { name: '', plan: undefined };
  if (name === undefined || !isBench(name) || more.length > 0) {
    const what = more.length > 0 ? `one bench at a time, not ${positionals.join(' ')}` : `no bench "${name}"`;
    throw new UsageError(`${what}; there are: ${BENCHES.join(', ')}`);
  }
  return { name, plan: planFrom(name, values) };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(usage ? `bench: ${error.message}\n\n${USAGE}` : `bench: ${describe(error)}\n`);
  process.exitCode = usage ? 2 : 1;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
