import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { setupFleet } from './support/fleet.js';

const { reeve: inAny, startReeve } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

/** Command lines in an organisation of their own. */
function setup() {
  const org = `org-${randomUUID().slice(0, 8)}`;
  const reeve: typeof inAny = (argv, options) => inAny([...argv, '--org', org], options);
  const json = async (...argv: string[]) => {
    const { code, stdout, stderr } = await reeve(argv);
    if (code !== 0) throw new Error(`${code}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const failure = async (...argv: string[]) => {
    const { code, stderr } = await reeve(argv);
    return { exit: code, ...JSON.parse(stderr) };
  };
  return { org, reeve, json, failure };
}

test('config set takes words, durations, JSON and standard input', async () => {
  const { reeve, json } = setup();
  expect(await json('config', 'set', 'agent_resolution_strategy', 'STATIC')).toMatchObject({
    key: 'agent_resolution_strategy',
    value: 'static',
    actor: 'anonymous',
  });
  expect((await json('config', 'set', 'head_start_urgent', '90m')).value).toBe('90m');
  expect((await json('config', 'set', 'min_health', '0.25')).value).toBe(0.25);
  expect((await json('config', 'set', 'acme/limits', '{"pages": [1, 2]}')).value).toEqual({ pages: [1, 2] });
  expect((await json('config', 'set', 'acme/digits', '"7"')).value).toBe('7');
  const piped = await reeve(['config', 'set', 'acme/piped', '-'], { stdin: '[true]\n' });
  expect(JSON.parse(piped.stdout).value).toEqual([true]);
  expect((await json('config', 'get', 'acme/piped')).value).toEqual([true]);
  expect((await json('config', 'get', 'acme/piped', 'min_health')).length).toBe(2);
  const listed = await reeve(['config', 'list', '--prefix', 'acme/', '-o', 'name']);
  expect(listed.stdout).toBe('acme/digits\nacme/limits\nacme/piped\n');
  const csv = await reeve(['config', 'list', '--limit', '1', '-o', 'csv']);
  expect(csv.stdout).toMatch(/^key,value,etag,actor,updated\nacme\/digits,7,\d+,anonymous,/);
  const shown = await reeve(['config', 'get', 'acme/limits'], PLAIN);
  expect(shown.stdout).toMatch(/^Key +acme\/limits\nValue +\{"pages":\[1,2\]\}\n/);
  expect((await json('config', 'delete', 'acme/piped')).value).toEqual([true]);
  expect((await reeve(['config', 'list', '--prefix', 'acme/p'], PLAIN)).stdout).toContain('Nothing is set');
  const deleted = await reeve(['config', 'delete', 'acme/digits'], PLAIN);
  expect(deleted.stdout).toBe('Deleted parameter acme/digits\n');
});

test('config set says what is wrong, and where', async () => {
  const { org, failure } = setup();
  expect(await failure('config', 'set', 'aproval_policy', 'p')).toMatchObject({
    exit: 2,
    message: expect.stringMatching(/^KEY: names no parameter \(did you mean approval_policy\?\)/),
  });
  expect(await failure('config', 'set', 'approval_timeout', 'soon')).toMatchObject({
    exit: 2,
    message: expect.stringContaining('VALUE: must be a duration such as 500ms, 60s, 5m or 2h'),
  });
  expect(await failure('config', 'set', 'acme/x', '{"a":')).toMatchObject({
    exit: 2,
    message: expect.stringContaining('VALUE is not JSON'),
  });
  expect(await failure('config', 'get', 'approval_timeout')).toMatchObject({
    exit: 3,
    code: 'CONFIG_NOT_FOUND',
    message: `parameter approval_timeout is not set in organisation ${org}`,
    hint: 'See what is set, and what could be: reeve config effective',
  });
});

test('config set and delete go by the etag, and only check with --dry-run', async () => {
  const { reeve, json, failure } = setup();
  const { etag } = await json('config', 'set', 'acme/tone', 'calm', '--etag', '*');
  expect(await failure('config', 'set', 'acme/tone', 'loud', '--etag', '*')).toMatchObject({
    exit: 5,
    code: 'ETAG_MISMATCH',
    hint: 'Look at it, and say it again with its new etag: reeve config get acme/tone',
  });
  const dry = await reeve(['config', 'set', 'acme/tone', 'loud', '--etag', etag, '--dry-run']);
  expect([dry.code, dry.stderr]).toEqual([0, 'It is as it should be. Nothing was changed.\n']);
  await reeve(['config', 'delete', 'acme/tone', '--dry-run']);
  expect((await json('config', 'get', 'acme/tone')).value).toBe('calm');
  await json('config', 'set', 'acme/tone', 'loud', '--etag', etag);
  expect((await failure('config', 'delete', 'acme/tone', '--etag', etag)).exit).toBe(5);
});

test('config effective shows what holds, what could be set, and where it comes from', async () => {
  const { reeve, json } = setup();
  await json('config', 'set', 'head_start_low', '1m');
  const rows = await json('config', 'effective', '--prefix', 'head_start_');
  expect(rows).toHaveLength(5);
  expect(rows).toContainEqual({
    key: 'head_start_low',
    value: '1m',
    isSet: true,
    type: 'duration, 0s to 48h',
    description: expect.stringContaining('LOW tasks'),
    defaultValue: '0s',
    choices: [],
  });
  const table = await reeve(['config', 'effective'], PLAIN);
  expect(table.stdout).toMatch(/\nhead_start_low +1m +organisation +duration, 0s to 48h/);
  expect(table.stdout).toMatch(/\napproval_default +reject +default +one of approve, reject/);
});

test('the shell completes keys that the coordinator knows, those that are free and set, and kinds', async () => {
  const { org, json } = setup();
  await json('config', 'set', 'acme/tone', 'calm');
  await json('kind', 'put', 'crawl', '--description', 'fetches');
  // What stands before the words chooses the organisation.
  const complete = async (...words: string[]) =>
    (await inAny(['__complete', 'zsh', '--', '--org', org, ...words])).stdout;
  expect(await complete('config', 'set', 'approval_t')).toMatch(/^approval_timeout\tHow long a person/);
  expect(await complete('config', 'get', 'acme')).toMatch(/^acme\/tone\t/);
  expect(await complete('kind', 'get', '')).toBe('crawl\tfetches\n');
});

test('the shell completes the words that a parameter takes', async () => {
  const { org } = setup();
  const complete = async (...words: string[]) =>
    (await inAny(['__complete', 'zsh', '--', '--org', org, 'config', 'set', ...words])).stdout;
  expect(await complete('resolution_fallback', '')).toBe('load_balancing\tdefault\nnone\t\n');
  expect(await complete('resolution_fallback', 'N')).toBe('none\t\n');
  expect(await complete('role_directory_plaintext', '')).toBe('true\t\nfalse\tdefault\n');
  expect(await complete('approval_timeout', '')).toBe('');
  expect(await complete('acme/tone', '')).toBe('');
  expect(await complete('resolution_fallback', 'none', '')).toBe('');
});

test('config watch prints what is set, then every change, until Ctrl-C', async () => {
  const { org, json } = setup();
  await json('config', 'set', 'acme/tone', 'calm');
  const watching = startReeve(['config', 'watch', '--prefix', 'acme/', '--org', org]);
  await watching.prints(/"change":"SET","key":"acme\/tone","value":"calm"/);
  await json('config', 'set', 'acme/tone', 'loud');
  await watching.prints(/"value":"loud"/);
  await json('config', 'delete', 'acme/tone');
  await watching.prints(/"change":"DELETED","key":"acme\/tone"/);
  watching.interrupt();
  expect((await watching.done).code).toBe(130);
});

test('kind put, get, list and delete', async () => {
  const { reeve, json, failure } = setup();
  const file = path.join(temporaryFolder('schema'), 'crawl.schema.json');
  const schema = { type: 'object', required: ['url'] };
  writeFileSync(file, JSON.stringify(schema));
  const put = await json(
    ...['kind', 'put', 'crawl', '--schema', file, '--require', 'goal', '--require', 'labels.team'],
    ...['--validate', "task.tier == 'LOW'", '--description', 'fetches', '--preemptible'],
  );
  expect(put).toMatchObject({
    kind: 'crawl',
    inputSchema: schema,
    requiredFields: ['goal', 'labels.team'],
    validate: "task.tier == 'LOW'",
    description: 'fetches',
    preemptible: true,
  });
  expect(await json('kind', 'get', 'crawl')).toEqual(put);
  const piped = await reeve(['kind', 'put', 'other', '--schema', '-', '--dry-run'], {
    stdin: JSON.stringify(schema),
  });
  expect([piped.code, JSON.parse(piped.stdout).inputSchema]).toEqual([0, schema]);
  expect((await reeve(['kind', 'list', '-o', 'name'])).stdout).toBe('crawl\n');
  const shown = await reeve(['kind', 'get', 'crawl'], PLAIN);
  expect(shown.stdout).toMatch(/\nRequires +goal, labels\.team\n/);
  expect(shown.stdout).toMatch(/\nPreemptible +LOW tasks\n/);
  expect(await failure('kind', 'put', 'crawl', '--require', 'gaol')).toMatchObject({
    exit: 2,
    code: 'JOB_KIND_INVALID',
    message: expect.stringContaining('--require: is no field that can be required (did you mean goal?)'),
  });
  expect(await failure('kind', 'put', 'crawl', '--etag', '*')).toMatchObject({
    exit: 5,
    hint: 'Look at it, and say it again with its new etag: reeve kind get crawl',
  });
  writeFileSync(file, '[]');
  expect((await failure('kind', 'put', 'crawl', '--schema', file)).message).toContain('holds no JSON object');
  writeFileSync(file, '{');
  expect((await failure('kind', 'put', 'crawl', '--schema', file)).message).toContain('is not JSON');
  expect((await failure('kind', 'put', 'crawl', '--schema', `${file}.none`)).exit).toBe(2);
  expect(await json('kind', 'delete', 'crawl')).toEqual(put);
  expect(await failure('kind', 'get', 'crawl')).toMatchObject({
    exit: 3,
    hint: 'List the kinds of which something is said: reeve kind list',
  });
});
