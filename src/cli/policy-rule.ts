import { readFile } from 'node:fs/promises';
import { type PolicyKind, type PolicyRequest, ReeveError } from '@reeve/sdk';
import type { Option } from './command.js';
import { EXIT } from './exit-codes.js';
import { CliError, usageError } from './failure.js';
import type { Given } from './given.js';
import { readAll } from './read-stream.js';
import type { World } from './world.js';

/** In the words of the command line. */
export const POLICY_KINDS: readonly PolicyKind[] = ['APPROVAL', 'PRIORITY', 'AUCTION_INPUT', 'PLAN_RETRIEVE'];

export const RULE_OPTIONS: readonly Option[] = [
  { name: 'cel', value: 'TEXT', doc: 'the expression itself, in place of a file' },
  { name: 'remote', value: 'HOST:PORT', doc: 'a PolicyService that you serve, in place of an expression' },
  { name: 'plaintext', doc: 'the service has no TLS; the server has to allow that for its host' },
  {
    name: 'on-error',
    value: 'WORD',
    doc: 'what becomes of a task if the policy gives no answer',
    choices: ['REJECT', 'ACCEPT', 'DEFAULT'],
    default: 'DEFAULT',
  },
  {
    name: 'deadline',
    value: 'DURATION',
    doc: 'how long one answer may take; 50ms for an expression and 1s for a service unless you say',
  },
];

/** A rule, and where its expression was read from. */
export interface GivenRule {
  readonly rule: Pick<PolicyRequest, 'cel' | 'remote' | 'onError' | 'deadlineMs'>;
  /** A file, `--cel`, or `standard input`. */
  readonly origin: string;
}

/** @param file `-` is standard input @throws usage errors: exactly one of file, `--cel` and `--remote` is given */
export async function ruleFrom(given: Given, world: World, file: string | undefined): Promise<GivenRule> {
  const inline = given.text('cel');
  const address = given.text('remote');
  const count = [file, inline, address].filter((one) => one !== undefined).length;
  if (count !== 1) {
    const message = count === 0 ? 'there is no rule' : 'there is more than one rule';
    throw usageError(message, 'Use one of FILE, --cel TEXT and --remote HOST:PORT');
  }
  if (given.switched('plaintext') && address === undefined) throw usageError('--plaintext is for --remote');
  const onError = given.text('on-error') as PolicyRequest['onError'];
  const deadlineMs = given.duration('deadline');
  const common = { ...(onError && { onError }), ...(deadlineMs !== undefined && { deadlineMs }) };
  if (address !== undefined) {
    const remote = { address, plaintext: given.switched('plaintext') ?? false };
    return { rule: { ...common, remote }, origin: '--remote' };
  }
  if (inline !== undefined) return { rule: { ...common, cel: inline }, origin: '--cel' };
  if (file === '-') {
    return { rule: { ...common, cel: await readAll(world.stdin) }, origin: 'standard input' };
  }
  return { rule: { ...common, cel: await readText(file ?? '') }, origin: file ?? '' };
}

/** @throws a usage error that names the file */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), 'Check the path.');
  }
}

/** Runs what may find fault with a rule; what it finds is shown in the expression, with a caret under the place. */
export async function pointingAt<T>({ rule, origin }: GivenRule, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ReeveError) || error.reason !== 'POLICY_INVALID') throw error;
    const message = error.violations
      .map(({ field, description }) => {
        if (field === 'policy.deadline') return `--deadline: ${description}`;
        if (field !== 'policy.cel') return `${origin}: ${description}`;
        return located(origin, rule.cel ?? '', description);
      })
      .join('\n');
    const hint = rule.remote ? 'See docs/remote-policies.md.' : 'Correct it and run it again.';
    throw new CliError({ code: error.reason, message, retryable: false, hint, exit: EXIT.usage });
  }
}

const WIDEST = 100;

/** `FILE:3:12: unknown variable`, the line, and a caret; what is not located comes without. */
export function located(origin: string, expression: string, description: string): string {
  const place = /^line (\d+), column (\d+): (.*)$/s.exec(description);
  if (!place) return `${origin}: ${description}`;
  const [row, column] = [Number(place[1]), Number(place[2])];
  const head = `${origin}:${row}:${column}: ${place[3]}`;
  const line = expression.split(/\r\n|\n|\r/)[row - 1];
  if (line === undefined) return head;
  // A long line is shown from where its end, with the place in it, still fits.
  const from = Math.max(0, Math.min(column - Math.floor(WIDEST / 2), line.length - WIDEST));
  const shown = line.slice(from, from + WIDEST).replaceAll('\t', ' ');
  return [head, `    ${shown}`, `    ${' '.repeat(Math.max(0, column - 1 - from))}^`].join('\n');
}
