import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { profileFile } from '../../src/cli/profiles/profile-file.js';
import { type RunOptions, run } from './support/world.js';

let folder: string;
let config: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reeve-profiles-'));
  config = path.join(folder, 'made', 'config.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function reeve(argv: readonly string[], options: RunOptions = {}) {
  return run(argv, { ...options, env: { REEVE_CONFIG: config, ...options.env } });
}

async function add(name: string, ...argv: string[]): Promise<void> {
  expect((await reeve(['profile', 'add', name, ...argv])).code).toBe(0);
}

/** Address and organisation in force, with what said so. */
async function inForce(argv: readonly string[] = [], env: Record<string, string> = {}) {
  const { address, org } = JSON.parse((await reeve(['profile', 'show', ...argv], { env })).stdout);
  return [address, org].map(({ value, source, origin }) => [value, source, origin].join(' ').trim());
}

async function names(): Promise<string[]> {
  const { stdout } = await reeve(['profile', 'list', '-o', 'name']);
  return stdout.split('\n').filter(Boolean);
}

test('a profile is added, used, listed and removed', async () => {
  expect((await reeve(['profile', 'list'])).stdout).toBe('[]\n');
  await add('prod', '--address', 'reeve.example:9001', '--org', 'acme');
  await add('lab', '--address', '[::1]:9001');
  const used = await reeve(['profile', 'use', 'prod']);
  const prod = { name: 'prod', address: 'reeve.example:9001', org: 'acme', active: true };
  expect([used.code, JSON.parse(used.stdout)]).toEqual([0, prod]);
  expect(JSON.parse((await reeve(['profile', 'list'])).stdout)).toEqual([
    prod,
    { name: 'lab', address: '[::1]:9001', active: false },
  ]);
  const removed = await reeve(['profile', 'remove', 'prod']);
  expect([removed.code, removed.stderr]).toEqual([0, 'It was in use; no profile is any more.\n']);
  expect(await names()).toEqual(['lab']);
  expect(await inForce()).toEqual(['127.0.0.1:9001 default', 'default default']);
});

test('flag goes before environment, environment before profile, profile before default', async () => {
  expect(await inForce()).toEqual(['127.0.0.1:9001 default', 'default default']);
  await add('one', '--address', 'one.example:1', '--org', 'first');
  await add('two', '--address', 'two.example:2');
  expect(await inForce()).toEqual(['127.0.0.1:9001 default', 'default default']);
  await reeve(['profile', 'use', 'one']);
  expect(await inForce()).toEqual(['one.example:1 profile one', 'first profile one']);
  expect(await inForce([], { REEVE_PROFILE: 'two' })).toEqual([
    'two.example:2 profile two',
    'default default',
  ]);
  expect(await inForce(['--profile', 'one'], { REEVE_PROFILE: 'two' })).toEqual([
    'one.example:1 profile one',
    'first profile one',
  ]);
  expect(await inForce(['two'])).toEqual(['two.example:2 profile two', 'default default']);
  const env = { REEVE_ADDRESS: 'env.example:3', REEVE_ORG: 'third' };
  expect(await inForce([], env)).toEqual([
    'env.example:3 environment REEVE_ADDRESS',
    'third environment REEVE_ORG',
  ]);
  expect(await inForce(['--address', 'flag.example:4', '--org', 'fourth'], env)).toEqual([
    'flag.example:4 flag --address',
    'fourth flag --org',
  ]);
  await reeve(['profile', 'use', '--none']);
  expect(await inForce()).toEqual(['127.0.0.1:9001 default', 'default default']);
});

test('a name that is taken is a conflict, unless it is to be replaced', async () => {
  await add('prod', '--address', 'one.example:1', '--org', 'acme');
  const again = await reeve(['profile', 'add', 'prod', '--address', 'two.example:2']);
  expect([again.code, JSON.parse(again.stderr).code]).toEqual([5, 'PROFILE_EXISTS']);
  await add('prod', '--address', 'two.example:2', '--replace');
  expect(JSON.parse((await reeve(['profile', 'list'])).stdout)).toEqual([
    { name: 'prod', address: 'two.example:2', active: false },
  ]);
});

test.each([
  [['profile', 'use', 'nope']],
  [['profile', 'remove', 'nope']],
  [['profile', 'show', 'nope']],
  [['task', 'list', '--profile', 'nope']],
])('a profile that does not exist is 3: %j', async (argv) => {
  const { code, stderr } = await reeve(argv);
  expect(code).toBe(3);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'PROFILE_NOT_FOUND',
    hint: expect.stringContaining('list'),
  });
});

test.each([
  [['add', 'x'], '--address is missing'],
  [['add', '', '--address', 'a:1'], 'is no name of a profile'],
  [['add', '../x', '--address', 'a:1'], 'is no name of a profile'],
  [['add', '__proto__', '--address', 'a:1'], 'is no name of a profile'],
  [['add', 'x'.repeat(65), '--address', 'a:1'], 'is no name of a profile'],
  [['add', 'x', '--address', 'foo'], '"foo" is no address: the port is missing'],
  [['add', 'x', '--address', 'a:1', '--org', 'two words'], '"two words" is no organisation'],
  [['add', 'x', '--address', 'a:1', '--org', 'o'.repeat(101)], 'is no organisation'],
  [['use'], 'give either the name of a profile or --none'],
  [['use', 'x', '--none'], 'give either the name of a profile or --none'],
  [['show', '--profile', ''], '--profile: "" is not accepted'],
  [['show', '--org', ''], '--org: "" is not accepted'],
])('profile %j is a usage error', async (argv, message) => {
  const { code, stdout, stderr } = await reeve(['profile', ...argv]);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr).message).toContain(message);
  expect(await names()).toEqual([]);
});

test('names that mean something to JavaScript are names', async () => {
  await add('constructor', '--address', 'a:1');
  expect(await names()).toEqual(['constructor']);
  expect((await reeve(['profile', 'use', 'toString'])).code).toBe(3);
});

test('the file is for its owner only, made with its folder, and nothing is left beside it', async () => {
  await add('prod', '--address', 'a:1');
  expect((await stat(config)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(config))).mode & 0o777).toBe(0o700);
  await chmod(config, 0o644);
  await add('lab', '--address', 'b:2');
  expect((await stat(config)).mode & 0o777).toBe(0o600);
  expect(await readdir(path.dirname(config))).toEqual(['config.json']);
});

test('a link to the file stays a link', async () => {
  const real = path.join(folder, 'real.json');
  await writeFile(real, '');
  config = path.join(folder, 'link.json');
  await symlink(real, config);
  await add('prod', '--address', 'a:1');
  expect(JSON.parse(await readFile(real, 'utf8')).profiles).toEqual({ prod: { address: 'a:1' } });
  expect((await readdir(folder)).sort()).toEqual(['link.json', 'real.json']);
});

test('two commands do not change the profiles at once, and neither loses what the other did', async () => {
  await add('first', '--address', 'a:1');
  const many = Array.from({ length: 8 }, (_, i) => `p${i}`);
  const ran = await Promise.all(many.map((name) => reeve(['profile', 'add', name, '--address', 'a:1'])));
  const done = many.filter((_, i) => ran[i]?.code === 0);
  expect(done.length).toBeGreaterThan(0);
  expect((await names()).sort()).toEqual(['first', ...done].sort());
  for (const { code, stderr } of ran.filter(({ code }) => code !== 0)) {
    expect([code, JSON.parse(stderr)]).toMatchObject([5, { code: 'PROFILES_BUSY', retryable: true }]);
  }
});

test('what another left unfinished is named, and changes nothing', async () => {
  await add('prod', '--address', 'a:1');
  await writeFile(`${config}.lock`, '{');
  const { code, stderr } = await reeve(['profile', 'remove', 'prod']);
  expect([code, JSON.parse(stderr).hint]).toEqual([5, expect.stringContaining(`remove ${config}.lock`)]);
  expect(await names()).toEqual(['prod']);
});

test.each([
  ['{', 'JSON'],
  ['[]', 'the file is no object'],
  ['{"profile":{}}', 'a field "profile" that is not known'],
  ['{"profiles":{"a":{"adress":"h:1"}}}', 'profile "a" has a field "adress"'],
  ['{"profiles":{"a":{}}}', 'profile "a": "address" is missing'],
  ['{"profiles":{"a":{"address":"foo"}}}', 'the port is missing'],
  ['{"profiles":{"a":{"address":"h:1","org":7}}}', 'profile "a": "org" is no text'],
  ['{"profiles":{"a b":{"address":"h:1"}}}', 'is no name of a profile'],
  ['{"active":"b","profiles":{"a":{"address":"h:1"}}}', '"active" is "b"'],
])('a broken file is named with what is wrong, and stays as it is: %s', async (text, problem) => {
  config = path.join(folder, 'config.json');
  await writeFile(config, text);
  for (const argv of [
    ['task', 'list'],
    ['profile', 'list'],
    ['profile', 'add', 'x', '--address', 'h:1'],
  ]) {
    const { code, stderr } = await reeve(argv);
    expect([code, JSON.parse(stderr).code]).toEqual([2, 'PROFILES_UNREADABLE']);
    expect(JSON.parse(stderr).message).toContain(config);
    expect(JSON.parse(stderr).message).toContain(problem);
  }
  expect(await readFile(config, 'utf8')).toBe(text);
  expect((await reeve(['version'])).code).toBe(0);
});

test('what is no file is not read', async () => {
  config = folder;
  const { code, stderr } = await reeve(['profile', 'list']);
  expect([code, JSON.parse(stderr).message]).toEqual([2, expect.stringContaining('it is no file')]);
});

test('the address of a profile that nobody answers at is told with the profile', async () => {
  await add('away', '--address', '127.0.0.1:1');
  const { code, stderr } = await reeve(['task', 'list', '--profile', 'away']);
  expect([code, JSON.parse(stderr).hint]).toEqual([7, expect.stringContaining('profile away')]);
});

test('on a terminal the profile is shown before a coordinator elsewhere is talked to', async () => {
  await add('prod', '--address', '192.0.2.1:9001', '--org', 'acme');
  await reeve(['profile', 'use', 'prod']);
  const argv = ['task', 'list', '--timeout', '1ms'];
  const shown = await reeve(argv, { tty: true, env: { NO_COLOR: '1' } });
  expect(shown.stderr).toMatch(/^\[prod\] 192\.0\.2\.1:9001, org acme\nerror: /);
  expect((await reeve(argv)).stderr).not.toContain('[prod]');
});

test.each([
  ['linux', {}, '/people/ada/.config/reeve/config.json'],
  ['linux', { XDG_CONFIG_HOME: '/etc/ada' }, '/etc/ada/reeve/config.json'],
  ['linux', { XDG_CONFIG_HOME: 'relative' }, '/people/ada/.config/reeve/config.json'],
  ['darwin', {}, '/people/ada/Library/Application Support/reeve/config.json'],
  ['win32', { APPDATA: 'C:\\Ada\\Roaming' }, 'C:\\Ada\\Roaming\\reeve\\config.json'],
  ['win32', {}, '\\people\\ada\\AppData\\Roaming\\reeve\\config.json'],
  ['linux', { REEVE_CONFIG: '/tmp/mine.json' }, '/tmp/mine.json'],
])('on %s with %j the file is %s', (platform, env, expected) => {
  expect(profileFile({ platform, env, homeDir: () => '/people/ada' })).toBe(expected);
});

test('a person whom the system does not know has no profiles', async () => {
  const homeDir = () => {
    throw new Error('no such user');
  };
  expect(profileFile({ platform: 'linux', env: {}, homeDir })).toBe('/.config/reeve/config.json');
});
