import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { setupFleet } from './support/fleet.js';

const { reeve, startReeve, submit } = setupFleet();

test('a list comes in every format', async () => {
  const label = `run=${randomUUID()}`;
  const ids = [await submit('nobody', '--label', label), await submit('nobody', '--label', label)].reverse();
  const list = async (...argv: string[]) => (await reeve(['task', 'list', '--label', label, ...argv])).stdout;

  const json = JSON.parse(await list());
  expect(json.map((task: { taskId: string }) => task.taskId)).toEqual(ids);
  expect(json[0].createTime).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(parseYaml(await list('-o', 'yaml'))).toEqual(json);
  expect(
    (await list('-o', 'jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(json);
  expect(await list('-o', 'name')).toBe(`${ids.join('\n')}\n`);
  const [titles, ...rows] = (await list('-o', 'csv')).trimEnd().split('\n');
  expect(titles).toMatch(/^task,kind,state,/);
  expect(rows.map((row) => row.split(',')[0])).toEqual(ids);
  const [head, ...lines] = (await list('-o', 'table')).trimEnd().split('\n');
  expect(head).toMatch(/^TASK +KIND +STATE +TIER/);
  expect(lines.map((line) => line.split(/ +/).slice(0, 3))).toEqual(
    ids.map((id) => [id, 'nobody', 'QUEUED']),
  );
});

test('a list is a table on a terminal, and [] in a pipe when it is empty', async () => {
  const argv = ['task', 'list', '--label', `run=${randomUUID()}`];
  expect((await reeve(argv)).stdout).toBe('[]\n');
  expect((await reeve(argv, { tty: true })).stdout).toContain('No tasks.');
});

test('a list that is cut says so, outside the data', async () => {
  const label = `run=${randomUUID()}`;
  await submit('nobody', '--label', label);
  await submit('nobody', '--label', label);
  const { stdout, stderr } = await reeve(['task', 'list', '--label', label, '--limit', '1']);
  expect(JSON.parse(stdout)).toHaveLength(1);
  expect(stderr).toContain('--limit 0');
  const all = await reeve(['task', 'list', '--label', label, '--limit', '0']);
  expect([JSON.parse(all.stdout).length, all.stderr]).toEqual([2, '']);
});

test('another organisation sees nothing of it', async () => {
  const id = await submit('nobody');
  expect((await reeve(['task', 'get', id, '--org', 'elsewhere'])).code).toBe(3);
  expect((await reeve(['task', 'list'], { env: { REEVE_ORG: 'elsewhere' } })).stdout).toBe('[]\n');
});

test('a watched list prints what is new or has changed, until Ctrl-C', async () => {
  const label = `run=${randomUUID()}`;
  const watching = startReeve(['task', 'list', '--label', label, '--watch', '--interval', '20ms']);
  const id = await submit('nobody', '--label', label);
  await watching.prints(/"state":"QUEUED"/);
  await reeve(['task', 'cancel', id]);
  await watching.prints(/"state":"CANCELLED"/);
  watching.interrupt();
  const { code, stdout } = await watching.done;
  expect(code).toBe(130);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).state),
  ).toEqual(['QUEUED', 'CANCELLED']);
});
