import type { JsonValue } from '@bufbuild/protobuf';
import { ReeveError } from '@reeve/sdk';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';

/** One step of a path: a name, or what is in brackets. */
const STEP = /\.?[^.[\]"']+|\[(?:\d+|"[^"]*"|'[^']*')\]/g;
/** Deeper than this what is around a path is not looked for. */
const MOST_STEPS = 16;
/** Names that are told. */
const MOST_NAMES = 10;

export interface MissingPart {
  readonly workflowId: string;
  readonly path: string;
  /** Whether it may still come. */
  readonly mayCome: boolean;
  /** What is at a path of the context; at the empty one all of it. */
  read(path: string): Promise<JsonValue | undefined>;
}

/** The failure to find a part of a context, with the names of what is nearest around it. */
export async function missingPart({ workflowId, path, mayCome, read }: MissingPart): Promise<CliError> {
  const there = await around(path, read);
  return new CliError({
    code: 'CONTEXT_PATH_NOT_FOUND',
    message: `there is nothing at ${path} in the context${there && `; ${there}`}`,
    retryable: mayCome,
    hint: `See all that there is: reeve workflow context ${workflowId}`,
    exit: EXIT.notFound,
  });
}

/** In words; nothing where it is too large to be read. */
async function around(path: string, read: MissingPart['read']): Promise<string> {
  const ends = [...path.matchAll(STEP)].map(({ index, 0: step }) => index + step.length);
  try {
    for (const end of [0, ...ends.slice(0, -1)].slice(0, MOST_STEPS).reverse()) {
      const outer = path.slice(0, end);
      const value = await read(outer);
      if (value !== undefined) return `${outer || 'it'} ${contentsOf(value)}`;
    }
  } catch (error) {
    if (!(error instanceof ReeveError) || error.reason !== 'ANSWER_TOO_LARGE') throw error;
  }
  return '';
}

function contentsOf(value: JsonValue): string {
  if (Array.isArray(value)) return `is a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return 'has no parts';
  const names = Object.keys(value);
  if (names.length === 0) return 'is empty';
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `has ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
}
