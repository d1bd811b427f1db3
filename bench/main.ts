import { parseArgs } from 'node:util';
import { compareBacklogs } from './backlog.js';
import { type Bench, isBench, NAMES } from './benches.js';
import { compare } from './compare.js';
import { decisions } from './decisions/decisions.js';
import { USAGE as DECISIONS_USAGE, WrongOptions } from './decisions/options.js';
import { compareFleetSizes } from './fleet-size.js';
import { kibPerIdleAgent } from './measures/idle-memory.js';
import { OPTIONS, type Plan, planFrom, USAGE, UsageError } from './plan.js';
import { measureRecovery } from './recovery.js';
import { reportComparison } from './report/comparison.js';
import { reportRecovery } from './report/recovery.js';
import { type Reported, report } from './report/report.js';
import { reportSizes } from './report/sizes.js';
import { reportWorkflows } from './report/workflows.js';
import { systemOf } from './systems/systems.js';
import { measureWorkflows } from './workflows.js';

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === 'decisions') {
    decisions(args.slice(1), (text) => process.stdout.write(text), say);
    return;
  }
  const { name, plan } = parse(args);
  if (name === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const sizes = plan.sizes.length > 0 ? ` at ${plan.sizes.join(', ')}` : '';
  say(`${name}: ${plan.systems.join(', ')}${sizes}; ${plan.tasks} tasks × ${plan.runs} rounds`);
  report(name, plan, await measure(name, plan));
}

async function measure(name: Bench, plan: Plan): Promise<Reported> {
  const systems = plan.systems.map((system) => systemOf(system, plan));
  switch (name) {
    case 'backlog':
      return reportSizes('that many wait', 1.2, await compareBacklogs(plan, systems, say));
    case 'agents':
      return reportSizes('agents', 1.5, await compareFleetSizes(plan, systems, say));
    case 'recovery':
      return reportRecovery(await measureRecovery(plan, plan, say));
    case 'workflows': {
      const [system] = systems;
      if (!system) throw new Error('no system is named');
      return reportWorkflows(await measureWorkflows(plan, system, say));
    }
    default: {
      const idleKib = name === 'embedded' ? await kibPerIdleAgent(plan.idleAgents) : null;
      return reportComparison(name, plan, { ...(await compare(plan, systems, say)), idleKib });
    }
  }
}

function parse(args: readonly string[]): { name: Bench; plan: Plan } | { name: undefined; plan?: undefined } {
  const { values, positionals } = parseOptions(args);
  const [name, ...more] = positionals;
  if (values.help || (name === undefined && args.length === 0)) return { name: undefined };
  if (name === undefined || !isBench(name) || more.length > 0) {
    const what = more.length > 0 ? `one bench at a time, not ${positionals.join(' ')}` : `no bench "${name}"`;
    throw new UsageError(`${what}; there are: ${NAMES.join(', ')}`);
  }
  return { name, plan: planFrom(name, values) };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = usageFor(error);
  process.stderr.write(`bench: ${usage ? `${messageOf(error)}\n\n${usage}` : `${describe(error)}\n`}`);
  process.exitCode = usage ? 2 : 1;
}

function usageFor(error: unknown): string | undefined {
  if (error instanceof WrongOptions) return DECISIONS_USAGE;
  return error instanceof UsageError ? USAGE : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
