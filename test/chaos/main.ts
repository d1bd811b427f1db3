import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDevTarget } from './dev-target.js';
import { runChaos } from './run.js';
import { openServeTarget } from './serve-target.js';

/** Of Postgres, taken from memory as it fills. */
const DISK_MEBIBYTES = 1_500;

const HELP = `Usage: npm run chaos -- [options]

Starts coordinators, their stores, agents and clients as real processes, breaks them by a schedule
that the seed decides, and checks what was promised against the record. See docs/chaos.md.

  --minutes N       how long faults come (default 2)
  --seed S          the schedule and the load (default: by the clock)
  --coordinators N  how many (default 3)
  --target T        serve, or dev: one embedded coordinator (default serve)
  --light N         light agents, all of which come back at once now and then (default 1000)
  --rate N          most submissions a second (default 40)
  --out FOLDER      where the log and the histories go (default .chaos/SEED)
  --help

Exit code 1 if a promise was broken or a process ended by itself, 2 for wrong arguments.`;

// Every process that is started wants to end with this one.
process.setMaxListeners(0);
process.exitCode = await main(process.argv.slice(2));
// Whatever a failed run has left open must not keep it here.
process.exit();

async function main(args: string[]): Promise<number> {
  let options: ReturnType<typeof parse>;
  try {
    options = parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const { violations, troubles } = await runChaos({
    ...options,
    ms: options.minutes * 60_000,
    wireAgents: 4,
    sdkAgents: 3,
    clients: 4,
    write: (text) => process.stdout.write(text),
    open: async (needs) =>
      options.target === 'serve'
        ? openServeTarget({ ...needs, coordinators: options.coordinators, diskMebibytes: DISK_MEBIBYTES })
        : { target: await createDevTarget(needs), clocks: [] },
  });
  process.stdout.write(`the log and the histories are in ${options.folder}\n`);
  return violations.length + troubles.length > 0 ? 1 : 0;
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ minutes: text, seed: text, coordinators: text, target: text, light: text, rate: text, out: text },
      help: { type: 'boolean', default: false },
    },
  });
  const number = (
    name: 'minutes' | 'seed' | 'coordinators' | 'light' | 'rate',
    least: number,
    or: number,
  ) => {
    const value = values[name] === undefined ? or : Number(values[name]);
    const isWhole = name === 'minutes' || Number.isSafeInteger(value);
    if (Number.isFinite(value) && isWhole && value >= least) return value;
    throw new Error(`--${name} must be a${isWhole ? '' : ' whole'} number from ${least} on`);
  };
  const target = values.target ?? 'serve';
  if (target !== 'serve' && target !== 'dev') throw new Error('--target is serve or dev');
  const seed = number('seed', 0, Date.now() % 1_000_000_000);
  return {
    help: values.help,
    target,
    seed,
    minutes: number('minutes', 0.1, 2),
    coordinators: number('coordinators', 1, 3),
    lightAgents: number('light', 0, 1_000),
    perSecond: number('rate', 1, 40),
    folder: path.resolve(values.out ?? path.join('.chaos', String(seed))),
  };
}
