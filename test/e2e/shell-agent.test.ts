import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../support/coordinator-process.js';
import { ExampleProcess, reaches } from '../support/example-process.js';
import { ownPort } from '../support/own-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const AGENT = fileURLToPath(new URL('../../examples/shell/agent.sh', import.meta.url));
const ONE_RETRY = { maxAttempts: 2, initialBackoffMs: 0 };

let coordinator: CoordinatorProcess;
let client: Client;

beforeAll(async () => {
  const httpPort = await ownPort();
  coordinator = await startCoordinator({ args: ['--lease-ttl', '12s', '--http-port', `${httpPort}`] });
  client = createClient({ address: coordinator.address });
}, 90_000);

afterAll(async () => {
  client?.close();
  await coordinator?.stop();
});

/** An agent that is waiting for tasks of a kind of its own, and does them by a command of the shell. */
async function setup(command: string, options: readonly string[] = []) {
  const kind = `shell-${randomUUID()}`;
  const start = () => {
    const url = `http://${coordinator.httpAddress}`;
    const env = { ...process.env, REEVE_HTTP_URL: url, TMPDIR: temporaryFolder('shell') };
    return new ExampleProcess(AGENT, [...options, kind, 'sh', '-c', command], env);
  };
  const agent = start();
  await agent.says('takes tasks');
  const eventsOf = async (taskId: string) => {
    const types = [];
    for await (const event of client.events(taskId)) types.push(event.type);
    return types;
  };
  return { kind, start, agent, eventsOf };
}

describe('the agent in the shell', { timeout: 90_000 }, () => {
  it('gives the command its input and takes what it writes for the output', async () => {
    const { kind } = await setup(`jq -c --arg kind "$REEVE_TASK_KIND" '{sum: add, $kind}'`);
    expect(await client.run({ kind, input: [1, 2, 3.5] })).toEqual({ sum: 6.5, kind });
    expect(await client.run({ kind, input: [{ a: 'ä "quoted" \\ text\n' }] })).toMatchObject({
      sum: { a: 'ä "quoted" \\ text\n' },
    });
  });

  it('carries bytes that are not JSON as they are, and no output as none', async () => {
    const { kind } = await setup('cat');
    const bytes = Buffer.from([0, 255, 10, 1, 200]);
    expect(Buffer.from(await client.run<Uint8Array>({ kind, input: bytes }))).toEqual(bytes);
    expect(await client.run({ kind })).toBeUndefined();
  });

  it('fails a task whose command fails, with what it wrote to stderr, and has it tried again', async () => {
    const { kind, eventsOf } = await setup(`printf 'no\\033 luck %s\\n' "$REEVE_ATTEMPT" >&2; exit 3`);
    const { taskId } = await client.submit({ kind, retry: ONE_RETRY });
    await reaches(client.watch(taskId), 'DEAD_LETTER');
    expect((await client.get(taskId)).error).toMatchObject({
      kind: 'ExitCode3',
      message: 'no  luck 2',
    });
    expect((await eventsOf(taskId)).filter((type) => type === 'FAILED')).toHaveLength(2);
  });

  it('says which failure is not worth another attempt', async () => {
    const { kind } = await setup('exit 65');
    const { taskId } = await client.submit({ kind, retry: ONE_RETRY });
    await reaches(client.watch(taskId), 'FAILED');
    expect(await client.get(taskId)).toMatchObject({ attempt: 1, error: { kind: 'ExitCode65' } });
  });

  it('keeps the lease of a command that takes longer than it lasts', async () => {
    const { kind, eventsOf } = await setup('sleep 15; echo 1');
    const { taskId } = await client.submit({ kind });
    expect(await client.wait(taskId)).toBe(1);
    expect(await eventsOf(taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
  });

  it('stops a command whose task is cancelled, and all that it has started', async () => {
    const { kind, agent } = await setup('sleep 1000; :');
    const { taskId } = await client.submit({ kind });
    await reaches(client.watch(taskId), 'RUNNING');
    await client.cancel(taskId, { graceMs: 20_000 });
    await reaches(client.watch(taskId), 'CANCELLED');
    await agent.says('OUTCOME_CANCELLED');
  });

  it('ends on SIGTERM: its task goes back, and it leaves the fleet', async () => {
    const { kind, agent } = await setup('sleep 1000; :');
    const { taskId } = await client.submit({ kind, retry: { maxAttempts: 3, initialBackoffMs: 0 } });
    await reaches(client.watch(taskId), 'RUNNING');
    const { agentId } = await client.get(taskId);
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    await reaches(client.watch(taskId), 'QUEUED');
    expect(await client.get(taskId)).toMatchObject({ attempt: 1, error: { kind: 'AGENT_STOPPED' } });
    expect(await client.agents.get(agentId)).toMatchObject({ status: 'INACTIVE' });
  });

  it('ends at once while it waits for work, and leaves nothing assigned to nobody', async () => {
    const { kind, agent } = await setup('cat', ['--agent-id', `shell-${randomUUID()}`]);
    agent.process.kill('SIGINT');
    expect(await agent.ended).toBe(0);
    expect(await client.submit({ kind })).toMatchObject({ state: 'QUEUED' });
  });

  it('loses its task to another agent when it is killed', async () => {
    // The command ends by itself when the agent is gone.
    const command = 'if [ "$REEVE_ATTEMPT" = 1 ]; then while kill -0 "$PPID"; do sleep 0.2; done; fi; echo 2';
    const { kind, agent, start, eventsOf } = await setup(command);
    const { taskId } = await client.submit({ kind, retry: ONE_RETRY });
    await reaches(client.watch(taskId), 'RUNNING');
    agent.process.kill('SIGKILL');
    await start().says('takes tasks');
    expect(await client.wait(taskId)).toBe(2);
    expect(await eventsOf(taskId)).toContain('LEASE_EXPIRED');
  });

  it('goes on when the coordinator was away', async () => {
    const { kind, agent } = await setup('cat');
    const { address, dataDir } = coordinator;
    const httpPort = coordinator.httpAddress?.split(':').at(-1) ?? '';
    coordinator.kill();
    await agent.says('LeaseTasks: curl');
    coordinator = await startCoordinator({ args: ['--http-port', httpPort], address, dataDir });
    expect(await client.run({ kind, input: 'again' })).toBe('again');
  });
});

describe('the script', () => {
  const run = (...args: string[]) => new ExampleProcess(AGENT, args, process.env);

  it('explains itself', async () => {
    const help = run('--help');
    expect(await help.ended).toBe(0);
    expect(help.stdout).toContain('Usage: agent.sh');
  });

  it.each([
    [['--colour', 'kind', 'cat'], 'there is no option --colour'],
    [['kind'], 'Usage: agent.sh'],
    [['kind', 'no-such-command'], 'there is no command no-such-command'],
    [['--tag'], '--tag needs a value'],
  ])('refuses %j', async (args, message) => {
    const refused = run(...args);
    expect(await refused.ended).toBe(2);
    expect(refused.stderr).toContain(message);
  });

  it('says which field the coordinator refuses', async () => {
    const refused = run(
      '--url',
      `http://${coordinator.httpAddress}`,
      '--agent-id',
      'not a name',
      'kind',
      'cat',
    );
    expect(await refused.ended).toBe(1);
    expect(refused.stderr).toContain('invalid_argument: agent.agent_id');
  });
});
