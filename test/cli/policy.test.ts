import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { setupFleet } from './support/fleet.js';

const { reeve, submit } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };
const named = (name: string) => `${name}-${randomUUID()}`;

async function fileOf(name: string, text: string): Promise<string> {
  const file = path.join(temporaryFolder('policy'), name);
  await writeFile(file, text);
  return file;
}

test('policy put, list, get and delete follow a policy through its versions', async () => {
  const name = named('gate');
  const file = await fileOf('gate.cel', 'task.kind != "forbidden"\n');
  const put = await reeve(['policy', 'put', name, file, '--kind', 'approval', '--on-error', 'accept']);
  expect(put.code).toBe(0);
  expect(JSON.parse(put.stdout)).toMatchObject({
    policyId: name,
    kind: 'APPROVAL',
    cel: 'task.kind != "forbidden"\n',
    onError: 'ACCEPT',
    version: 1,
  });
  const second = ['policy', 'put', name, '-', '--kind', 'approval', '--deadline', '80ms', '--etag', '1'];
  expect((await reeve(second, { stdin: 'true' })).code).toBe(0);
  const stale = await reeve(second, { stdin: 'true' });
  expect(stale.code).toBe(5);
  expect(stale.stderr).toContain('its etag is 2 now');

  const { stdout } = await reeve(['policy', 'get', name], PLAIN);
  expect(stdout).toMatch(/Version\s+2\n/);
  expect(stdout).toMatch(/Rule\s+true\n/);
  const shown = await reeve(['policy', 'list'], PLAIN);
  expect(shown.stdout).toMatch(/^POLICY +KIND +VERSION +ON ERROR /);
  const listed = await reeve(['policy', 'list', '--kind', 'approval', '-o', 'name']);
  expect(listed.stdout.split('\n')).toContain(name);
  expect((await reeve(['policy', 'delete', name], PLAIN)).stdout).toBe(`Deleted policy ${name}\n`);
  const gone = await reeve(['policy', 'get', name]);
  expect(gone.code).toBe(3);
  expect(gone.stderr).toContain('reeve policy list');
  const versions = await reeve(['policy', 'list', '--versions-of', name, '-o', 'csv']);
  expect(versions.stdout.split('\n').slice(1, 4)).toEqual([
    expect.stringMatching(/,APPROVAL,3,.*,true,anonymous,/),
    expect.stringMatching(/,APPROVAL,2,.*,false,anonymous,/),
    expect.stringMatching(/,APPROVAL,1,.*,false,anonymous,/),
  ]);
});

test('policy put shows where an expression is wrong', async () => {
  const name = named('gate');
  const file = await fileOf('gate.cel', 'task.kind == "a" ||\n  tusk.kind == "b"\n');
  const { code, stderr, stdout } = await reeve(['policy', 'put', name, file, '--kind', 'approval'], PLAIN);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(`${file}:2:3: `);
  expect(stderr).toMatch(/\n {6}tusk\.kind == "b"\n {6}\^\n/);
  const inline = await reeve(['policy', 'put', name, '--kind', 'priority', '--cel', '"x"']);
  expect(inline.code).toBe(2);
  expect(inline.stderr).toContain('--cel');
  expect((await reeve(['policy', 'get', name])).code).toBe(3);
});

test('policy put --dry-run checks and changes nothing', async () => {
  const name = named('gate');
  const { code, stderr } = await reeve(
    ['policy', 'put', name, '--kind', 'approval', '--cel', 'true', '--dry-run'],
    PLAIN,
  );
  expect(code).toBe(0);
  expect(stderr).toContain('Nothing was changed.');
  expect((await reeve(['policy', 'get', name])).code).toBe(3);
});

test.each([
  [[], /there is no rule/],
  [['--cel', 'true', '--remote', 'a.example:443'], /more than one rule/],
  [['--cel', 'true', '--plaintext'], /--plaintext is for --remote/],
  [['--remote', '10.1.2.3:443'], /--remote: 10\.1\.2\.3 is not a public address/],
  [['no-such-file.cel'], /no-such-file\.cel/],
  [['--cel', 'true', '--deadline', '5s'], /must be at most 1s for an expression/],
])('policy put with %j is refused', async (argv, message) => {
  const { code, stderr } = await reeve(
    ['policy', 'put', named('gate'), '--kind', 'approval', ...argv],
    PLAIN,
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('policy test tries a policy on a task, a sample and a recorded input', async () => {
  const name = named('rank');
  await reeve(['policy', 'put', name, '--kind', 'priority', '--cel', 'task.kind == "echo" ? 700 : 5']);
  const task = await submit('echo');
  const on = (...argv: string[]) => reeve(['policy', 'test', name, ...argv], { stdin: '{"kind":"other"}' });
  const { stdout } = await on('--task', task);
  expect(JSON.parse(stdout)).toMatchObject({
    decision: { policyId: name, output: 700, input: { task: { task_id: task } } },
    effect: 'its priority is 700 of 1000',
  });
  expect(JSON.parse((await on('--sample', '-')).stdout).effect).toBe('its priority is 5 of 1000');
  const recorded = await fileOf('input.json', JSON.stringify(JSON.parse(stdout).decision.input));
  expect(JSON.parse((await on('--recorded', recorded)).stdout).decision.output).toBe(700);

  const shown = await reeve(['policy', 'test', name, '--task', task], PLAIN);
  expect(shown.stdout).toMatch(/Answer\s+700\n/);
  expect(shown.stdout).toMatch(/task\.kind == "echo"\s+=\s+true/);
});

test('policy test tries what is not stored, and says what is missing', async () => {
  const sample = await fileOf('sample.json', '{"kind":"echo"}');
  const misspelt = await fileOf('misspelt.json', '{"kind":"echo","gaol":"x"}');
  const candidates = await fileOf('candidates.json', '[{"agentId":"a"},{"agentId":"b"}]');
  const cel = ['--kind', 'plan_retrieve', '--cel', 'candidates[1].agent_id'];
  const tried = await reeve(['policy', 'test', ...cel, '--sample', sample, '--candidates', candidates]);
  expect(JSON.parse(tried.stdout).effect).toBe('agent b gets it');
  const wrong = await reeve(
    ['policy', 'test', '--kind', 'approval', '--cel', 'tusk', '--sample', sample],
    PLAIN,
  );
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/--cel:1:1: .*\n {4}tusk\n {4}\^\n/);
  for (const [argv, message] of [
    [['--sample', sample], 'there is no policy to try'],
    [['some', '--cel', 'true', '--sample', sample], '--cel is for a policy that is not stored'],
    [['some'], 'say what it is tried on'],
    [['some', '--sample', misspelt], '--sample: gaol is no field of a task'],
    [['some', '--sample', candidates], '--sample: expected an object in JSON'],
  ] as const) {
    const refused = await reeve(['policy', 'test', ...argv], PLAIN);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(message);
  }
});
