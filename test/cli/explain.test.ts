import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { AGENT_ID, setupFleet } from './support/fleet.js';

const { reeve, submit } = setupFleet();

const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

test('explain shows what keeps a task, what would end that, and who may get it', async () => {
  const kind = `nobody-${randomUUID().slice(0, 8)}`;
  const id = await submit(kind);
  const page = await reeve(['explain', id], PLAIN);
  expect(page.stdout).toContain('WHAT KEEPS IT');
  expect(page.stdout).not.toMatch(/^Place/m);
  expect(page.stdout).toContain(`an agent with room connects that has the capability ${kind}`);
  expect(page.stdout).toMatch(new RegExp(`${AGENT_ID}\\s+no .*lacks the capability ${kind}`));
  const { stdout } = await reeve(['explain', id]);
  expect(JSON.parse(stdout)).toMatchObject({
    taskId: id,
    state: 'QUEUED',
    blockers: [{ change: { change: 'addAgent' }, effect: { starts: true } }],
    agentCount: 1,
  });
  const named = await reeve(['explain', id, '-o', 'csv']);
  expect(named.stdout).toMatch(new RegExp(`^task,state,position.*\\n${id},QUEUED,1,0,`));
});

test('explain of a task that is not there is not found', async () => {
  const { code } = await reeve(['explain', randomUUID()]);
  expect(code).toBe(3);
  expect((await reeve(['explain', randomUUID(), '--candidates', '1001'])).code).toBe(2);
});
