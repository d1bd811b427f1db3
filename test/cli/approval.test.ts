import { randomUUID } from 'node:crypto';
import { createClient } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { setupFleet } from './support/fleet.js';

const { reeve, submit, address } = setupFleet();

/** A policy that asks a person about each task that names it. */
async function asking(): Promise<string> {
  const client = createClient({ address: address() });
  onTestFinished(() => client.close());
  const policyId = `ask-${randomUUID()}`;
  const cel = "{'needs_human': true, 'reason': 'it is dear'}";
  await client.policies.put({ policyId, kind: 'APPROVAL', cel });
  return policyId;
}

test('approval list shows what waits, approve lets it go on, reject ends it', async () => {
  const policy = await asking();
  const yes = await submit('echo', '--input', '1', '--approval-policy', policy);
  const no = await submit('echo', '--approval-policy', policy);
  const { stdout } = await reeve(['approval', 'list']);
  const listed = JSON.parse(stdout);
  expect(listed.map(({ taskId }: { taskId: string }) => taskId).sort()).toEqual([yes, no].sort());
  expect(listed[0]).toMatchObject({ kind: 'echo', reason: 'it is dear', policyId: policy });
  const completed = await reeve(['__complete', 'fish', '--', 'approval', 'approve', '']);
  expect(completed.stdout.trim().split('\n').sort()).toEqual(
    [`${yes}\techo it is dear`, `${no}\techo it is dear`].sort(),
  );
  const policies = await reeve(['__complete', 'fish', '--', 'submit', 'echo', '--approval-policy', policy]);
  expect(policies.stdout).toBe(`${policy}\tAPPROVAL\n`);
  const table = await reeve(['approval', 'list'], { tty: true, env: { NO_COLOR: '1' } });
  expect(table.stdout).toContain('it is dear');

  const approved = await reeve(['approval', 'approve', yes, '--reason', 'checked']);
  expect([approved.code, approved.stderr]).toEqual([0, '']);
  expect((await reeve(['task', 'wait', yes])).code).toBe(0);
  const rejected = await reeve(['approval', 'reject', no, '--reason', 'too dear']);
  expect(JSON.parse(rejected.stdout)).toMatchObject({ state: 'REJECTED', reason: 'too dear' });

  expect((await reeve(['approval', 'list'])).stdout).toBe('[]\n');
  const names = await reeve(['approval', 'list', '--all', '-o', 'name']);
  expect(names.stdout.trim().split('\n').sort()).toEqual([yes, no].sort());
});

test('a word on a task that waits for none is refused with exit code 5, one on none with 3', async () => {
  const id = await submit('nobody');
  const { code, stderr } = await reeve(['approval', 'approve', id]);
  expect([code, JSON.parse(stderr).code]).toEqual([5, 'TASK_NOT_AWAITING_APPROVAL']);
  expect((await reeve(['approval', 'reject', '018f0000-0000-7000-8000-000000000000'])).code).toBe(3);
});

test('submit says by which rules the task goes, and how its agent is found', async () => {
  const flags = ['--urgency', '900', '--impact', '1000', '--priority', '0', '--balancing', 'random'];
  const routed = ['--static-subject', 'nobody-yet', '--strategy', 'static', '--fallback', 'load_balancing'];
  const id = await submit('nobody', ...flags, ...routed, '--role', 'r1');
  const task = JSON.parse((await reeve(['task', 'get', id])).stdout);
  expect(task).toMatchObject({ kind: 'nobody', requirements: { capabilities: ['nobody'], roles: ['r1'] } });

  const many = await reeve(['submit', 'nobody', '--urgency', '1001']);
  expect([many.code, JSON.parse(many.stderr).message]).toEqual([2, expect.stringContaining('0 to 1000')]);
  const none = await reeve(['submit', 'nobody', '--approval-policy', 'not-there']);
  expect([none.code, JSON.parse(none.stderr).code]).toEqual([5, 'REJECTED_BY_POLICY']);
});
