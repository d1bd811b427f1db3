import { FORMATS, type Format } from './output/format.js';
import type { World } from './world.js';

/** How people and programs are spoken to; known before the command line is understood. */
export interface Style {
  readonly color: boolean;
  /** Whether errors are JSON. */
  readonly jsonErrors: boolean;
}

/** The format in force: a table for people, JSON for a pipe. */
export function formatOf(asked: string | undefined, world: Pick<World, 'stdout'>): Format {
  const known = FORMATS.find((format) => format === asked?.toLowerCase());
  return known ?? (world.stdout.isTTY ? 'table' : 'json');
}

/**
 * Errors are JSON where the data is. A person who pipes the data but reads the errors on
 * a terminal gets text, unless JSON was asked for.
 */
export function styleOf(argv: readonly string[], world: Pick<World, 'env' | 'stdout' | 'stderr'>): Style {
  const { env, stdout, stderr } = world;
  const asked = askedFormat(argv);
  const format = formatOf(asked, world);
  const isPlain = argv.includes('--no-color') || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return {
    color: stdout.isTTY === true && !isPlain,
    jsonErrors: (format === 'json' || format === 'jsonl') && (asked !== undefined || !stderr.isTTY),
  };
}

function askedFormat(argv: readonly string[]): string | undefined {
  for (const [at, word] of argv.entries()) {
    if (word === '--') return undefined;
    if (word === '-o' || word === '--output') return argv[at + 1];
    const inline = /^(?:-o=?|--output=)(\w+)$/.exec(word);
    if (inline) return inline[1];
  }
  return undefined;
}
