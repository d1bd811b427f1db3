import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve } = setupFleet();
const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

test('roles are put, found and deleted', async () => {
  const id = `r-${randomUUID().slice(0, 8)}`;
  const put = await reeve([
    ...['role', 'put', id, '--type', 'grade', '--space', 's1', '--group', 'a', '--group', 'b'],
    ...['--attributes', '{"level":3}', '--description', 'can say yes'],
  ]);
  expect(put.code).toBe(0);
  const role = {
    roleId: id,
    roleType: 'grade',
    jobSpaceId: 's1',
    groupIds: ['a', 'b'],
    attributes: { level: 3 },
  };
  expect(JSON.parse(put.stdout)).toMatchObject({ ...role, description: 'can say yes' });

  const filter = JSON.stringify({ role_id: id, 'attributes.level': { $in: [2, 3] } });
  const found = await reeve(['role', 'query', '--filter', filter, '-o', 'name']);
  expect(found.stdout).toBe(`${id}\n`);
  const table = await reeve(['role', 'query', '--filter', filter], PLAIN);
  expect(table.stdout).toMatch(
    new RegExp(`^ROLE +TYPE +SPACE +GROUPS +ATTRIBUTES +UPDATED\\s+${id} +grade +s1 +a b +\\{"level":3\\}`),
  );

  const changed = await reeve(['role', 'put', id], PLAIN);
  expect(changed.stdout).toMatch(/Job space +all/);
  const gone = await reeve(['role', 'delete', id]);
  expect(JSON.parse(gone.stdout)).toMatchObject({ roleId: id, groupIds: [] });
  const again = await reeve(['role', 'delete', id]);
  expect([again.code, JSON.parse(again.stderr)]).toMatchObject([
    3,
    { code: 'ROLE_NOT_FOUND', hint: expect.stringContaining('reeve role query') },
  ]);
});

test('subjects are put, found and deleted', async () => {
  const id = `s-${randomUUID().slice(0, 8)}`;
  const dry = await reeve(['subject', 'put', id, '--role', 'x', '--dry-run']);
  expect(JSON.parse(dry.stdout)).toMatchObject({ subjectId: id, roleIds: ['x'] });
  const filter = JSON.stringify({ subject_id: id });
  const none = await reeve(['subject', 'query', '--filter', filter], PLAIN);
  expect([none.code, none.stdout]).toEqual([0, 'No subjects.\n']);
  await reeve(['subject', 'put', id, '--type', 'agent', '--role', 'x', '--role', 'y', '--group', 'g']);
  const csv = await reeve(['subject', 'query', '--filter', filter, '-o', 'csv']);
  expect(csv.stdout).toMatch(
    new RegExp(`^subject,type,roles,groups,attributes,updated\\n${id},agent,x y,g,\\{\\},`),
  );
  expect((await reeve(['subject', 'delete', id], PLAIN)).stdout).toBe(`Deleted subject ${id}\n`);
});

test('a filter that is none is named, with what was meant', async () => {
  const wrong = await reeve(['role', 'query', '--filter', '{"role_typ":"x"}']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('did you mean role_type?');
  const noJson = await reeve(['subject', 'query', '--filter', 'role_ids=x']);
  expect([noJson.code, JSON.parse(noJson.stderr).message]).toEqual([
    2,
    expect.stringContaining('is no JSON'),
  ]);
  const noObject = await reeve(['role', 'put', 'x', '--attributes', '[1]']);
  expect([noObject.code, JSON.parse(noObject.stderr).message]).toEqual([
    2,
    expect.stringContaining('a JSON object'),
  ]);
});

test('a directory of the organisation that is away is not taken for the coordinator', async () => {
  const org = ['--org', 'away'];
  await reeve(['config', 'set', 'role_directory_plaintext', 'true', ...org]);
  await reeve(['config', 'set', 'role_directory_address', '127.0.0.1:1', ...org]);
  await reeve(['config', 'set', 'role_directory', 'remote', ...org]);
  const { code, stderr } = await reeve(['role', 'query', '--timeout', '2s', ...org]);
  expect([code, JSON.parse(stderr)]).toMatchObject([
    7,
    { code: 'DIRECTORY_UNAVAILABLE', hint: expect.stringContaining('The coordinator is there') },
  ]);
});
