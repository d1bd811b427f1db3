import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface Arguments {
  /** The folder to digest, absolute; `undefined`: the project itself. */
  readonly folder: string | undefined;
  /** Where the coordinator keeps its data, absolute. */
  readonly data: string;
  /** Where runs are kept: beside the data. */
  readonly runs: string;
  readonly port: number | undefined;
  /** Processes of each kind that does single documents. */
  readonly agents: number;
  /** End when the report is written, instead of serving on. */
  readonly exit: boolean;
  /** Begin anew even if the last run did not finish. */
  readonly fresh: boolean;
}

export class UsageError extends Error {}

export const HELP = `Digests a folder of documents with a coordinator and three kinds of agents.

  npm start                    the project's files, and the Markdown and .d.ts files it has installed
  npm start -- FOLDER          the .md, .markdown, .txt and .d.ts files of a folder
  npm start -- --exit          ends with 0 when the report is written; without it, serves until Ctrl-C

  --data DIR    where the coordinator keeps its data (default .reeve/data; runs lie beside it)
  --port N      the coordinator's port (default 9001; taken: the next free one)
  --agents N    reader processes, and as many analysts (default 2)
  --new         begins anew where the last run over the folder was not finished
  --help        this text

A run that was interrupted, by Ctrl-C or by a crash, is resumed by the same command.
`;

/**
 * @param project the project's folder, to which the defaults are relative
 * @param from what a relative FOLDER or DIR is relative to
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], project: string, from: string): Arguments | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new UsageError(`one folder at a time, not ${positionals.join(' and ')}`);
  const data =
    values.data === undefined ? path.join(project, '.reeve', 'data') : path.resolve(from, values.data);
  return {
    folder: positionals[0] === undefined ? undefined : path.resolve(from, positionals[0]),
    data,
    runs: path.join(path.dirname(data), 'runs'),
    port: whole('port', values.port, 0, 65_535),
    agents: whole('agents', values.agents, 1, 4 * os.availableParallelism()) ?? 2,
    exit: values.exit ?? false,
    fresh: values.new ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        agents: { type: 'string' },
        exit: { type: 'boolean' },
        new: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not ${text}`);
}
