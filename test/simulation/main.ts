import { parseArgs } from 'node:util';
import { EPOCH } from './coordinator.js';
import { replayCommand } from './replay.js';
import { type Outcome, simulate } from './simulate.js';

const HELP = `Usage: npm run simulate -- [options]

Runs coordinators, agents and clients on virtual time, with crashes, freezes, lost
messages and late ones by seed, and checks what was promised against the record.

  --schedules N     how many, with the seeds from --seed on (default 1000)
  --seed S          the first seed (default: by the clock)
  --coordinators N  at most so many (default 3)
  --agents N        at most so many, at least 2 (default 5)
  --tasks N         at most so many, at least 5 (default 30)
  --verbose         print the history; a single schedule prints it anyway
  --help

Exit code 1 if a promise was broken; the seed is printed with the command that replays it.`;

/** The command that runs the schedule again that runs now. */
let running = '';
const broken = (error: unknown) => {
  const stack = error instanceof Error ? error.stack : String(error);
  process.stdout.write(`the program broke: ${stack}\n  replay: ${running}\n`);
  process.exit(1);
};
process.on('unhandledRejection', broken);
process.on('uncaughtException', broken);
process.exitCode = await main(process.argv.slice(2));

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
  const { schedules, seed, size } = options;
  const began = performance.now();
  const sum = { schedules: 0, events: 0, tasks: 0, ms: 0, bad: 0 };
  for (let i = 0; i < schedules; i++) {
    running = replayCommand(seed + i, size);
    const outcome = await simulate(seed + i, size);
    sum.schedules += 1;
    sum.events += outcome.events;
    sum.tasks += outcome.tables.tasks.size;
    sum.ms += outcome.ms;
    if (outcome.violations.length > 0) sum.bad += 1;
    if (options.verbose || schedules === 1) process.stdout.write(`${outcome.trace.lines().join('\n')}\n`);
    tell(outcome, running);
    if (schedules > 1 && sum.schedules % 100 === 0) {
      process.stderr.write(`${sum.schedules} of ${schedules}, ${sum.bad} with violations\n`);
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  process.stdout.write(
    `${sum.schedules} schedules from seed ${seed}: ${sum.bad} with violations. ` +
      `${sum.tasks} tasks, ${sum.events} events, ${(sum.ms / 3_600_000).toFixed(1)} virtual hours ` +
      `in ${seconds.toFixed(1)} s (${(sum.schedules / seconds).toFixed(0)} schedules/s)\n`,
  );
  return sum.bad > 0 ? 1 : 0;
}

function tell({ seed, violations, tables }: Outcome, replay: string): void {
  if (violations.length === 0) return;
  const list = violations.map((violation) => `  ${violation}\n`).join('');
  const rows = [...tables.tasks.values()].filter(({ taskId }) => list.includes(taskId));
  const trails = rows.map(({ taskId, events }) => {
    const steps = events.map(({ type, state, epoch, eventTime }) => {
      return `    ${eventTime - EPOCH}  ${type} to ${state}, epoch ${epoch}\n`;
    });
    return `  in the record: ${taskId}\n${steps.join('')}`;
  });
  process.stdout.write(`seed ${seed}:\n${list}${trails.join('')}  replay: ${replay}\n`);
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ schedules: text, seed: text, coordinators: text, agents: text, tasks: text },
      ...{ verbose: flag, help: flag },
    },
  });
  const number = (
    name: 'schedules' | 'seed' | 'coordinators' | 'agents' | 'tasks',
    least: number,
    or: number,
  ) => {
    const value = values[name] === undefined ? or : Number(values[name]);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new Error(`--${name} must be a whole number from ${least} on`);
  };
  return {
    ...{ verbose: values.verbose, help: values.help },
    schedules: number('schedules', 1, 1_000),
    seed: number('seed', 0, Date.now() % 1_000_000_000),
    size: {
      coordinators: number('coordinators', 1, 3),
      agents: number('agents', 2, 5),
      tasks: number('tasks', 5, 30),
    },
  };
}
