import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/command-table.js';
import { cliDocs } from '../../src/cli/docs.js';
import { SettingsError } from '../../src/settings/settings-error.js';
import { run } from './support/world.js';

const TTY = { tty: true };

test('without a command it shows what there is', async () => {
  const { code, stdout } = await run([]);
  expect(code).toBe(0);
  for (const word of ['dev', 'submit', 'task', 'agent', 'profile', 'completion', 'version', 'reeve dev']) {
    expect(stdout).toContain(word);
  }
  expect(stdout).not.toContain('__complete');
});

test.each(COMMANDS.map((command) => [command.path.join(' '), command] as const))(
  '%s --help shows its options and examples',
  async (_name, command) => {
    const { code, stdout, stderr } = await run([...command.path, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const option of command.options ?? []) expect(stdout).toContain(`--${option.name}`);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) expect(stdout).toContain(line);
    expect(stdout.includes('Global Options:')).toBe(!command.local);
  },
);

test('a group without a verb is a usage error that shows the verbs', async () => {
  const { code, stdout, stderr } = await run(['task']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('cancel');
});

test('a mistyped command suggests the nearest', async () => {
  const { code, stderr } = await run(['tsak', 'list'], TTY);
  expect(code).toBe(2);
  expect(stderr).toContain("unknown command 'tsak'");
  expect(stderr).toContain('Did you mean task?');
});

test.each([
  [['task', 'get'], 'missing required argument'],
  [['task', 'list', '--stat', 'x'], "unknown option '--stat'"],
  [['task', 'list', '--state', 'sleeping'], 'Expected one of'],
  [['task', 'list', '-o', 'xml'], 'table, json'],
  [['task', 'list', '--limit', 'many'], '--limit: "many" is not accepted, expected a whole number'],
  [['task', 'list', '--timeout', '5'], '--timeout: "5" is not accepted, expected a duration'],
  [['task', 'list', '--label', 'team'], '--label: "team" is not accepted, expected key=value'],
  [['submit', 'k', '--input', '{a}'], '--input is not JSON'],
  [['submit', 'k', '--input', '1', '-'], 'the input was given more than once'],
  [['submit', 'k', '--input-file', '/nowhere/at/all'], '--input-file: ENOENT'],
  [['submit', 'k', '{"a":1}'], 'is not expected here'],
  [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
])('%j is a usage error', async (argv, message) => {
  const { code, stdout, stderr } = await run(argv, TTY);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test.each([
  [['--wat'], 'reeve'],
  [['task', 'frobnicate'], 'reeve task'],
  [['task', 'get'], 'reeve task get'],
  [['task', 'list', 'extra'], 'reeve task list'],
  [['task', 'list', '--limit', 'many'], 'reeve task list'],
  [['task', 'cancel', '--state', 'succeeded'], 'reeve task cancel'],
  [['submit', 'kind', '--label', 'x'], 'reeve submit'],
  [['agent', 'list', '--address', 'nowhere'], 'reeve agent list'],
  [['profile', 'add', 'prod'], 'reeve profile add'],
])('%j is told where its usage is explained: %s --help', async (argv, command) => {
  const { code, stderr } = await run(argv);
  expect([code, JSON.parse(stderr).hint]).toEqual([2, `See: ${command} --help`]);
});

test('errors are JSON where the data is, and words where it is a table', async () => {
  const asJson = await run(['tsak']);
  expect(JSON.parse(asJson.stderr)).toEqual({
    code: 'USAGE',
    message: "unknown command 'tsak'",
    retryable: false,
    hint: 'Did you mean task?',
  });
  const asWords = await run(['tsak', '-o', 'table']);
  expect(asWords.stderr).toBe("error: unknown command 'tsak'\nDid you mean task?\n");
});

test('a coordinator that cannot be reached is 7, with the command that starts one', async () => {
  const address = await freeAddress();
  const { code, stdout, stderr } = await run(['task', 'list'], { env: { REEVE_ADDRESS: address } });
  expect([code, stdout]).toEqual([7, '']);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'UNREACHABLE', retryable: true });
  expect(JSON.parse(stderr).message).toContain(address);
  expect(JSON.parse(stderr).hint).toContain('reeve dev');
});

test('dev gets the flags that were given, by the name of the setting', async () => {
  const seen: unknown[] = [];
  const dev = async (flags: unknown) => {
    seen.push(flags);
    return 0;
  };
  const argv = ['dev', '--port', '0', '--lease-ttl', '2s', '--no-reflection', '--log-level', 'INFO'];
  expect((await run(argv, { dev })).code).toBe(0);
  expect((await run(['dev'], { dev })).code).toBe(0);
  expect(seen).toEqual([{ port: '0', 'lease-ttl': '2s', reflection: 'false', 'log-level': 'info' }, {}]);
});

test('a setting that dev does not accept is a usage error', async () => {
  const problem = { name: 'port', origin: 'REEVE_PORT', value: 'x', accepted: 'a whole number' };
  const dev = () => Promise.reject(new SettingsError([problem]));
  const { code, stderr } = await run(['dev'], { dev, tty: true });
  expect(code).toBe(2);
  expect(stderr).toContain('REEVE_PORT: "x" is not accepted, expected a whole number');
});

test('the version is data: a table for people, JSON for a pipe', async () => {
  expect(JSON.parse((await run(['version'])).stdout).version).toBe('1.2.3');
  expect((await run(['version', '-o', 'name'])).stdout).toBe('1.2.3\n');
  expect((await run(['version'], { tty: true, env: { NO_COLOR: '1' } })).stdout).toMatch(
    /^Reeve\s+1\.2\.3\n/,
  );
});

test('colors are for terminals only, and not with NO_COLOR or --no-color', async () => {
  const colored = '\u001b[';
  expect((await run(['version'], TTY)).stdout).toContain(colored);
  expect((await run(['version', '--no-color'], TTY)).stdout).not.toContain(colored);
  expect((await run(['version'], { tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(colored);
  expect((await run(['version', '-o', 'table'])).stdout).not.toContain(colored);
});

test('docs/cli.md is what the table of commands says', async () => {
  const file = new URL('../../docs/cli.md', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(cliDocs());
});

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}
