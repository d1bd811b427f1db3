import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCHES, type Bench, NAMES } from './benches.js';
import { SYSTEMS } from './systems/systems.js';

/** From `dist/bench/`. */
const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));

export interface Plan {
  readonly systems: readonly string[];
  /** Of the backlog or the fleet; none where there is nothing to vary. */
  readonly sizes: readonly number[];
  /** Of a flood; before it as many to warm up. */
  readonly tasks: number;
  readonly warmUp: number;
  /** Rounds, each on empty stores. */
  readonly runs: number;
  /** Agent or worker processes, and what each agent takes at once. */
  readonly agents: number;
  readonly slots: number;
  /** Submissions a call, and calls at once. */
  readonly batch: number;
  readonly inFlight: number;
  readonly payloadBytes: number;
  /** Of the open loop: submissions a second, for how long. */
  readonly rate: number;
  readonly seconds: number;
  /** Delays are measured at half of the throughput too. */
  readonly isHalfLoadWanted: boolean;
  /** 0: their memory is not measured. */
  readonly idleAgents: number;
  /** Where the figures are written; the picture goes beside them. */
  readonly json: string;
  /** Where profiles of all its parts are written. */
  readonly profile: string | undefined;
}

export const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  systems: { type: 'string' },
  sizes: { type: 'string' },
  tasks: { type: 'string', default: '20000' },
  'warm-up': { type: 'string', default: '60000' },
  runs: { type: 'string', default: '3' },
  agents: { type: 'string', default: '2' },
  slots: { type: 'string', default: '512' },
  batch: { type: 'string', default: '250' },
  'in-flight': { type: 'string', default: '8' },
  'payload-bytes': { type: 'string', default: '200' },
  rate: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '10' },
  'idle-agents': { type: 'string', default: '2000' },
  json: { type: 'string' },
  profile: { type: 'string' },
} as const;

export const USAGE = `Usage: npm run bench -- BENCH [options]

Benches: ${NAMES.join(', ')}
  throughput  tasks end to end, side by side with other systems in interleaved rounds,
              CPU by process, log and commands of the stores a task; delays at a low rate
  latency     the same with delays at half of the throughput
  backlog     throughput and CPU a task while 10,000, 100,000 and 1,000,000 tasks wait
  agents      the same with 10, 100, 1,000 and 10,000 agents, each of which could have each task
  recovery    a coordinator that comes back to 100,000 waiting tasks and an empty Redis
  workflows   one task that becomes 10,000 and 100,000, and a chain, against plain tasks
  embedded    \`reeve dev\` alone: throughput, latency, CPU, memory of idle agents
  decisions   how good the decisions are, in virtual time; it has options of its own:
              \`npm run bench -- decisions --help\`

Each round is on empty stores of its own, and ends with a count of what is in the record.

Options:
  --systems A,B,…     what is measured, of: ${SYSTEMS.join(', ')}
  --sizes N,N,…       how many wait, how many agents there are, how many a task becomes
  --tasks N           tasks of a flood (20000)
  --warm-up N         tasks before it (60000)
  --runs N            rounds; medians count (3)
  --agents N          agent or worker processes (2)
  --slots N           tasks that an agent takes at once (512)
  --batch N           tasks a submission, up to 1000 (250)
  --in-flight N       submissions at once (8)
  --payload-bytes N   bytes of a task's input (200)
  --rate N            tasks a second of the latency measurement (200)
  --seconds N         how long that lasts (10)
  --idle-agents N     idle agents of the memory measurement of embedded (2000)
  --json FILE         where the figures go (bench/results/BENCH.json); the picture goes beside it
  --profile FOLDER    also writes CPU profiles of coordinator, client and agents, the costliest statements
                      of Postgres and the commands of Redis (it all costs a little)
  -h, --help          this text
`;

/** A wrong command line. */
export class UsageError extends Error {}

type Values = { readonly [K in keyof typeof OPTIONS]?: string | boolean | undefined };

export function planFrom(bench: Bench, values: Values): Plan {
  const count = (name: keyof typeof OPTIONS, most = 10_000_000) => {
    const text = String(values[name]);
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new UsageError(`--${name} is a whole number from 1 to ${most}, not "${text}"`);
    }
    return value;
  };
  const text = (name: 'json' | 'profile') => (typeof values[name] === 'string' ? values[name] : undefined);
  const systems = typeof values.systems === 'string' ? values.systems.split(',') : BENCHES[bench].systems;
  const unknown = systems.find((name) => !SYSTEMS.includes(name));
  if (unknown !== undefined) throw new UsageError(`no system "${unknown}"; there are: ${SYSTEMS.join(', ')}`);
  const sizes = typeof values.sizes === 'string' ? values.sizes.split(',').map(Number) : BENCHES[bench].sizes;
  if (sizes.some((size) => !Number.isInteger(size) || size < 1 || size > 10_000_000)) {
    throw new UsageError(`--sizes are whole numbers from 1 to 10000000 with commas, not "${values.sizes}"`);
  }
  return {
    sizes: [...new Set(sizes)],
    systems: [...new Set(systems)],
    tasks: count('tasks'),
    warmUp: count('warm-up'),
    runs: count('runs', 100),
    agents: count('agents', 100),
    slots: count('slots', 10_000),
    batch: count('batch', 1_000),
    inFlight: count('in-flight', 1_000),
    payloadBytes: count('payload-bytes', 200_000),
    rate: count('rate', 100_000),
    seconds: count('seconds', 3_600),
    isHalfLoadWanted: bench === 'latency',
    idleAgents: count('idle-agents', 50_000),
    json: path.resolve(text('json') ?? path.join(RESULTS, `${bench}.json`)),
    profile: text('profile'),
  };
}
