import { type Client, createClient } from '@reeve/sdk';
import type { Command } from './command.js';
import { COMMANDS, GROUPS } from './command-table.js';
import { COMPLETE } from './commands/complete.js';
import { DEFAULT_ADDRESS } from './connection/address.js';
import { badge } from './connection/badge.js';
import { type Connection, resolveConnection } from './connection/connection.js';
import { EXIT } from './exit-codes.js';
import { type Asked, CliError, explain, usageError } from './failure.js';
import type { Given } from './given.js';
import { GLOBAL_OPTIONS } from './globals.js';
import type { Invocation } from './invocation.js';
import { Channel, OutputClosed } from './output/channel.js';
import { colorsFor } from './output/colors.js';
import type { Format } from './output/format.js';
import { Printer } from './output/printer.js';
import { tellFailure } from './output/tell-failure.js';
import { NothingToRun, parse } from './parser.js';
import { formatOf, type Style, styleOf } from './style.js';
import { warnOfVariables } from './warn-of-variables.js';
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
  let asked: Asked = { command: 'reeve', address: DEFAULT_ADDRESS };
  try {
    const { command, given } = parse(asCommand(argv), [...COMMANDS, COMPLETE], GROUPS, {
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      columns: world.stdout.columns ?? 100,
      color: style.color,
    });
    const { args = [], options = [] } = command;
    const typed = { args, options: [...options, ...GLOBAL_OPTIONS] };
    asked = { ...asked, command: ['reeve', ...command.path].join(' '), typed };
    const connection = command.local ? undefined : await resolveConnection(flagsOf(given), world);
    if (connection) asked = { ...asked, ...placeOf(connection) };
    return await runCommand(command, given, { world, channel, style, asked, connection });
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.ok;
    if (error instanceof Interrupted) return EXIT.interrupted;
    if (error instanceof NothingToRun) {
      if (isAnswered(error)) return error.cause.exitCode === 0 ? EXIT.ok : EXIT.usage;
      asked = { ...asked, command: error.command };
    }
    const failure = explain(error instanceof NothingToRun ? usageOf(error) : error, asked);
    tellFailure(world.stderr, failure, style);
    return failure.exit;
  }
}

function flagsOf(given: Given) {
  return { address: given.text('address'), org: given.text('org'), profile: given.text('profile') };
}

function placeOf({ address, profile }: Connection): Pick<Asked, 'address' | 'profile'> {
  const isOfProfile = address.source === 'profile' && profile !== undefined;
  return { address: address.value, ...(isOfProfile && { profile }) };
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
  readonly asked: Asked;
  /** None for a local command. */
  readonly connection: Connection | undefined;
}

async function runCommand(command: Command, given: Given, around: Surroundings): Promise<number> {
  const { world, channel, style, asked } = around;
  const stop = new AbortController();
  const cleanUps: (() => void)[] = [];
  const format: Format = formatOf(given.text('output'), world);
  const timeoutMs = given.duration('timeout');
  let client: Client | undefined;

  const talk = (line: string) => world.stderr.write(`${line}\n`);
  const connection = () => {
    if (around.connection) return around.connection;
    throw new Error('a local command has no connection');
  };
  const connect = () => {
    const { address, org } = connection();
    const reminder = client ? undefined : badge(connection(), style.color);
    if (reminder && world.stderr.isTTY) talk(reminder);
    client ??= createClient({
      address: address.value,
      ...(org.source !== 'default' && { org: org.value }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    return client;
  };
  const invocation: Invocation = {
    given,
    world,
    asked,
    connection,
    out: new Printer(channel, format, () => ({ now: world.now(), colors: colorsFor(style.color) })),
    talk,
    client: connect,
    signal: stop.signal,
    beginWaiting: (hint) => {
      if (timeoutMs === undefined) return;
      const timer = setTimeout(() => stop.abort(timeoutError(timeoutMs, hint)), timeoutMs);
      cleanUps.push(() => clearTimeout(timer));
    },
    onEnd: (cleanUp) => cleanUps.push(cleanUp),
  };
  if (!command.local && !command.hidden) warnOfVariables(invocation);
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
function isAnswered({ cause: { code } }: NothingToRun): boolean {
  return code === 'commander.help' || code === 'commander.helpDisplayed';
}

/** `error: unknown command 'tsk'` and `(Did you mean task?)` on the next line. */
function usageOf(error: NothingToRun): CliError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return usageError(message, hint);
}
