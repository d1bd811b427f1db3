import { expect, test } from 'vitest';
import { AGENT_ID, setupFleet } from './support/fleet.js';

const { reeve, startReeve, submit, release } = setupFleet();

test('agents are listed, found and shown', async () => {
  const listed = JSON.parse((await reeve(['agent', 'list', '--capability', 'echo', '--tag', 'blue'])).stdout);
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({ agentId: AGENT_ID, status: 'ACTIVE' });
  expect((await reeve(['agent', 'list', '--capability', 'nothing-has-this'])).stdout).toBe('[]\n');
  const one = await reeve(['agent', 'get', AGENT_ID], { tty: true, env: { NO_COLOR: '1' } });
  expect(one.stdout).toMatch(/^Agent +cli-test-agent\n/);
  expect(one.stdout).toMatch(/\nCapabilities +.*\bgpu\b/);
});

test('completion offers the ids that the server knows', async () => {
  const id = await submit('nobody');
  const tasks = await reeve(['__complete', 'zsh', '--', 'task', 'get', '']);
  expect(tasks.stdout).toContain(`${id}\tnobody QUEUED\n`);
  const agents = await reeve(['__complete', 'zsh', '--', 'agent', 'get', 'cli-']);
  expect(agents.stdout).toMatch(/^cli-test-agent\t/);
});

test('a watched list of agents prints what changes, until Ctrl-C', async () => {
  const watching = startReeve(['agent', 'list', '--capability', 'echo', '--watch']);
  await watching.prints(/"inFlight":0/);
  const id = await submit('hold');
  await watching.prints(/"inFlight":1/);
  release();
  expect((await reeve(['task', 'wait', id])).code).toBe(0);
  watching.interrupt();
  const { code, stdout } = await watching.done;
  expect(code).toBe(130);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ agentId: AGENT_ID });
});
