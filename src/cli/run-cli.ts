import { type Client, createClient } from '@reeve/sdk';
import { CommanderError } from 'commander';
import type { Command } from './command.js';
import { COMMANDS, GROUPS } from './command-table.js';
import { COMPLETE } from './commands/complete.js';
import { EXIT } from './exit-codes.js';
import { CliError, explain, type Failure, usageError } from './failure.js';
import type { Given } from './given.js';
import { DEFAULT_ADDRESS } from './globals.js';
import type { Invocation } from './invocation.js';
import { Channel, OutputClosed } from './output/channel.js';
import { colorsFor } from './output/colors.js';
import type { Format } from './output/format.js';
import { Printer } from './output/printer.js';
import { tellFailure } from './output/tell-failure.js';
import { parse } from './parser.js';
import { formatOf, type Style, styleOf } from './style.js';
import type { World } from './world.js';

/**
 * Runs one command line, without the names of program and script, and gives its exit code.
 * Data goes to `world.stdout`, everything else to `world.stderr`. Ends by itself: sets no
 * exit code, handles no signal, leaves nothing open.
 */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  const style = styleOf(argv, world);
  const channel = new Channel(world.stdout);
  world.stderr.on('error', () => {});
  let address = world.env.REEVE_ADDRESS || DEFAULT_ADDRESS;
  try {
    const parsed = parse(asCommand(argv), [...COMMANDS, COMPLETE], GROUPS, {
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      columns: world.stdout.columns ?? 100,
      color: style.color,
    });
    if (!parsed) return EXIT.ok;
    address = parsed.given.text('address') ?? address;
    return await runCommand(parsed.command, parsed.given, { world, channel, style, address });
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.ok;
    if (error instanceof Interrupted) return EXIT.interrupted;
    if (error instanceof CommanderError && isAnswered(error))
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = error instanceof CommanderError ? usageFailure(error) : explain(error, address);
    tellFailure(world.stderr, failure, style);
    return failure.exit;
  }
}

/** What people type first, as a command. */
function asCommand(argv: readonly string[]): readonly string[] {
  if (argv.length === 0) return ['--help'];
  return argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V') ? ['version'] : argv;
}

interface Surroundings {
  readonly world: World;
  readonly channel: Channel;
  readonly style: Style;
  readonly address: string;
}

async function runCommand(command: Command, given: Given, around: Surroundings): Promise<number> {
  const { world, channel, style, address } = around;
  const stop = new AbortController();
  const cleanUps: (() => void)[] = [];
  const format: Format = formatOf(given.text('output'), world);
  const timeoutMs = given.duration('timeout');
  const org = given.text('org') ?? (world.env.REEVE_ORG || undefined);
  let client: Client | undefined;

  const connect = () => {
    client ??= createClient({
      address,
      ...(org !== undefined && { org }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    return client;
  };
  const invocation: Invocation = {
    given,
    world,
    address,
    out: new Printer(channel, format, () => ({ now: world.now(), colors: colorsFor(style.color) })),
    talk: (line) => world.stderr.write(`${line}\n`),
    client: connect,
    signal: stop.signal,
    beginWaiting: (hint) => {
      if (timeoutMs === undefined) return;
      const timer = setTimeout(() => stop.abort(timeoutError(timeoutMs, hint)), timeoutMs);
      cleanUps.push(() => clearTimeout(timer));
    },
    onEnd: (cleanUp) => cleanUps.push(cleanUp),
  };
  if (!command.local) cleanUps.push(world.onInterrupt(() => stop.abort(new Interrupted())));

  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
  });
  try {
    return await Promise.race([command.run(invocation), stopped, channel.gone]);
  } finally {
    for (const cleanUp of cleanUps.reverse()) cleanUp();
    stop.abort(new OutputClosed('the command has ended'));
    client?.close();
  }
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

function timeoutError(timeoutMs: number, hint: string): CliError {
  const message = `not done within ${timeoutMs} ms`;
  return new CliError({ code: 'TIMEOUT', message, retryable: true, hint, exit: EXIT.timeout });
}

/** Commander has written all there is to say: help, asked for or not. */
function isAnswered({ code }: CommanderError): boolean {
  return code === 'commander.help' || code === 'commander.helpDisplayed';
}

/** `error: unknown command 'tsk'` and `(Did you mean task?)` on the next line. */
function usageFailure(error: CommanderError): Failure {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return usageError(message, hint).failure;
}
