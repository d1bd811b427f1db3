import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly seeds: number;
  /** Where all figures go as JSON. */
  readonly json: string | undefined;
  /** Puts tables and pictures into docs/. */
  readonly write: boolean;
  /** Times decisions instead of running scenarios. */
  readonly micro: boolean;
}

/** With fewer the intervals of docs/decisions.md would say little. */
const SEEDS_TO_WRITE = 10;
const MOST_SEEDS = 1_000;

export const USAGE = `Usage: npm run bench -- decisions [options]

How good the product's decisions are: its own code in virtual time, beside simpler rules and
what one could do who knew the future, on the same workloads.

Scenarios:
${SCENARIOS.map(({ id, title }) => `  ${id.padEnd(4)} ${title}`).join('\n')}

Options:
  --scenario ID,…   only these
  --seeds N         workloads of each, 2 to ${MOST_SEEDS} (10)
  --json FILE       writes all figures, those of each seed too
  --write           puts tables and pictures into docs/decisions.md and docs/pictures (${SEEDS_TO_WRITE} seeds or more)
  --micro           times single decisions instead
  -h, --help        this text
`;

/** A wrong command line. */
export class WrongOptions extends Error {}

/** `null`: the usage is asked for. */
export function optionsFrom(args: readonly string[]): Options | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  if (positionals.length > 0) throw new WrongOptions(`decisions takes options only, not ${positionals[0]}`);
  const seeds = seedsFrom(values.seeds ?? '10');
  if (values.write && seeds < SEEDS_TO_WRITE) {
    throw new WrongOptions(`--write takes --seeds ${SEEDS_TO_WRITE} or more, not ${seeds}`);
  }
  return {
    scenarios: scenariosFrom(values.scenario),
    seeds,
    json: values.json,
    write: values.write ?? false,
    micro: values.micro ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        scenario: { type: 'string', multiple: true },
        seeds: { type: 'string' },
        json: { type: 'string' },
        write: { type: 'boolean' },
        micro: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new WrongOptions(error instanceof Error ? error.message : String(error));
  }
}

function seedsFrom(text: string): number {
  const seeds = Number(text);
  if (!Number.isInteger(seeds) || seeds < 2 || seeds > MOST_SEEDS) {
    throw new WrongOptions(`--seeds is a whole number from 2 to ${MOST_SEEDS}, not "${text}"`);
  }
  return seeds;
}

function scenariosFrom(named: readonly string[] | undefined): readonly Scenario[] {
  if (!named) return SCENARIOS;
  const ids = named.flatMap((text) => text.split(','));
  const unknown = ids.find((id) => !SCENARIOS.some((scenario) => scenario.id === id));
  if (unknown !== undefined) {
    const known = SCENARIOS.map(({ id }) => id).join(', ');
    throw new WrongOptions(`no scenario "${unknown}"; there are: ${known}`);
  }
  return SCENARIOS.filter(({ id }) => ids.includes(id));
}
