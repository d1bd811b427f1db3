import { randomUUID } from 'node:crypto';
import { type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../support/coordinator-process.js';
import { reaches } from '../support/example-process.js';
import { type Python, preparePython } from '../support/python.js';

let coordinator: CoordinatorProcess;
let client: Client;
let python: Python;

beforeAll(async () => {
  python = preparePython();
  coordinator = await startCoordinator({ args: ['--lease-ttl', '6s'] });
  client = createClient({ address: coordinator.address });
}, 120_000);

afterAll(async () => {
  client?.close();
  await coordinator?.stop();
});

/** An agent of its own, which alone gets the tasks that are submitted here. */
async function setup(mode: readonly string[], ...options: string[]) {
  const agentId = `python-${randomUUID()}`;
  const agent = python.start('agent.py', coordinator.address, '--agent-id', agentId, ...mode, ...options);
  await agent.says(mode.length === 0 ? 'connected' : 'registered');
  const submit = async (kind: string, input: unknown, maxAttempts = 3) => {
    const retry = { maxAttempts, initialBackoffMs: 0 };
    return (await client.submit({ kind, input, retry, requirements: { agentId } })).taskId;
  };
  const eventsOf = async (taskId: string) => {
    const types: string[] = [];
    for await (const event of client.events(taskId)) types.push(event.type);
    return types;
  };
  return { agent, agentId, submit, eventsOf };
}

describe.each([
  ['over the Work stream', []],
  ['over the unary twins', ['--unary']],
])('the Python agent, %s', { timeout: 90_000 }, (_, mode) => {
  it('registers with the kinds it handles, and does what it is given', async () => {
    const { agentId, submit, eventsOf } = await setup(mode);
    expect((await client.agents.get(agentId)).capabilities).toEqual(['count', 'greet', 'stumble']);
    const taskId = await submit('greet', { name: 'Ada Ünal' });
    expect(await client.wait(taskId)).toEqual({ text: 'Hello, Ada Ünal' });
    expect(await eventsOf(taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
    expect(await client.get(taskId)).toMatchObject({ agentId, attempt: 1 });
  });

  it('says how far it is, and keeps its lease for longer than it lasts', async () => {
    const { submit } = await setup(mode);
    const taskId = await submit('count', { to: 14, seconds: 0.6 }, 1);
    const fractions = [];
    for await (const { progress } of client.watch(taskId)) if (progress) fractions.push(progress.fraction);
    expect(fractions.some((fraction) => fraction > 0 && fraction < 1)).toBe(true);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(await client.get(taskId)).toMatchObject({ state: 'SUCCEEDED', epoch: 1 });
  });

  it('fails a task with a reason and does it at the next attempt', async () => {
    const { submit, eventsOf } = await setup(mode);
    const taskId = await submit('stumble', { times: 1 });
    expect(await client.wait(taskId)).toEqual({ attempts: 2 });
    expect((await eventsOf(taskId)).filter((type) => type === 'FAILED')).toHaveLength(1);
  });

  it('says which failure is not worth another attempt', async () => {
    const { submit } = await setup(mode);
    const taskId = await submit('greet', { called: 'Ada' });
    await reaches(client.watch(taskId), 'FAILED');
    expect((await client.get(taskId)).error).toMatchObject({ kind: 'InvalidInput', retryable: false });
  });

  it('stops what is cancelled', async () => {
    const { submit } = await setup(mode);
    const taskId = await submit('count', { to: 1_000_000 });
    await reaches(client.watch(taskId), 'RUNNING');
    await client.cancel(taskId, { graceMs: 20_000 });
    await reaches(client.watch(taskId), 'CANCELLED');
    expect((await client.get(taskId)).error).toMatchObject({ kind: 'CANCELLED' });
  });

  it('ends on SIGTERM: reports what it has done and takes nothing more', async () => {
    const { agent, submit } = await setup(mode, '--slots', '1', '--grace', '20');
    const running = await submit('count', { to: 2, seconds: 1 });
    await reaches(client.watch(running), 'RUNNING');
    agent.process.kill('SIGTERM');
    await agent.says('finishing');
    const waiting = await submit('greet', { name: 'Late' });
    expect(await agent.ended).toBe(0);
    expect(await client.get(running)).toMatchObject({ state: 'SUCCEEDED', epoch: 1 });
    expect(await client.get(waiting)).toMatchObject({ state: 'QUEUED', attempt: 0 });
  });

  it('gives up what does not end within the grace', async () => {
    const { agent, submit } = await setup(mode, '--grace', '0');
    const taskId = await submit('count', { to: 1_000_000 });
    await reaches(client.watch(taskId), 'RUNNING');
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    await reaches(client.watch(taskId), 'QUEUED');
    expect(await client.get(taskId)).toMatchObject({ attempt: 1, error: { kind: 'AGENT_STOPPED' } });
  });

  it('keeps what it has through the death of the coordinator, and reports it to the next', async () => {
    const { agent, submit } = await setup(mode);
    const taskId = await submit('count', { to: 2, seconds: 1 });
    await reaches(client.watch(taskId), 'RUNNING');
    coordinator.kill();
    await agent.says('UNAVAILABLE');
    const { address, dataDir } = coordinator;
    coordinator = await startCoordinator({ args: ['--lease-ttl', '6s'], address, dataDir });
    expect(await client.wait(taskId)).toEqual({ counted: 2 });
  });

  it('says why it was refused', async () => {
    const refused = python.start('agent.py', coordinator.address, '--agent-id', 'not a name', ...mode);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr).toMatch(/INVALID_ARGUMENT \(\w+\): (hello\.)?agent\.agent_id: must be a name/);
  });
});

describe('the Python client', { timeout: 90_000 }, () => {
  it('submits a task, watches it and prints its result', async () => {
    const { agentId } = await setup([]);
    const submit = python.start('submit.py', coordinator.address, 'greet', '{"name":"Bob"}', '--human');
    expect(await submit.ended, submit.stderr).toBe(0);
    expect(JSON.parse(submit.stdout)).toEqual({ text: 'Hello, Bob' });
    const taskId = /task (\S+)/.exec(submit.stderr)?.[1] ?? '';
    expect(await client.get(taskId)).toMatchObject({ source: 'HUMAN', state: 'SUCCEEDED' });
    expect(submit.stderr).toContain('SUCCEEDED');
    expect((await client.agents.get(agentId)).capabilities).toContain('greet');
  });

  it('submits the same task once', async () => {
    await setup([]);
    const args = ['greet', '{"name":"Cleo"}', '--request-id', randomUUID()];
    const ids = [];
    for (let n = 0; n < 2; n++) {
      const submit = python.start('submit.py', coordinator.address, ...args);
      expect(await submit.ended, submit.stderr).toBe(0);
      ids.push(/task (\S+)/.exec(submit.stderr)?.[1]);
    }
    expect(ids[1]).toBe(ids[0]);
  });

  it('tells a task that failed from a call that was refused', async () => {
    await setup([]);
    const failed = python.start('submit.py', coordinator.address, 'greet', '{}');
    expect(await failed.ended).toBe(1);
    expect(failed.stderr).toContain('InvalidInput: the input has no name');
    const refused = python.start('submit.py', coordinator.address, 'not a name');
    expect(await refused.ended).toBe(2);
    expect(refused.stderr).toContain('INVALID_ARGUMENT (INVALID_FIELD): task.kind: must be a name');
  });

  it.each([
    ['a mistake in it', '{bad'],
    ['no number', 'NaN'],
    ['half a character', '"\\ud800"'],
    ['no end of depth', '['.repeat(100_000)],
  ])('says of an input that is no JSON what is wrong, without a traceback: %s', async (_, input) => {
    const submit = python.start('submit.py', coordinator.address, 'greet', input);
    expect(await submit.ended).toBe(2);
    expect(submit.stderr).toContain('error: argument input: not JSON: ');
    expect(submit.stderr).not.toContain('Traceback');
  });
});
