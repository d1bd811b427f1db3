import { connect } from 'node:net';
import { createClient } from '@reeve/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asker, GET_TASK, SUBMIT, serveHttp, until, WAIT } from '../api/support/http-world.js';
import { startCoordinator } from '../support/coordinator-process.js';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';

async function open(flags: Parameters<typeof openEmbedded>[0] = {}) {
  const coordinator = await openEmbedded(flags);
  onTestFinished(() => coordinator.stop());
  return { coordinator, ask: asker(coordinator.httpAddress ?? '') };
}

/** Samples by name and labels, for example `reeve_tasks_queued{tier="NORMAL"}`. */
function parseMetrics(text: string): ReadonlyMap<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [, name, value] =
        /^([a-z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/i.exec(line) ?? [];
      // Quantiles of what has not happened yet are no number, which prom-client writes as `Nan`.
      const isNumber = value === 'Nan' || Number.isFinite(Number(value));
      if (name === undefined || !isNumber) throw new Error(`no sample: ${line}`);
      return [name, Number(value)];
    }),
  );
}

describe('probes', () => {
  it('say ready only between start and stop, alive all the time', async () => {
    const { server, ask } = await serveHttp();
    const get = async (path: string) => (await ask(path, { method: 'GET' })).status;
    expect([await get('/livez'), await get('/readyz')]).toEqual([200, 200]);
    server.setServing(false);
    expect(await get('/livez')).toBe(200);
    const stopping = await ask('/readyz', { method: 'GET' });
    expect([stopping.status, stopping.json]).toEqual([
      503,
      { status: 'stopping', reason: 'the server is stopping' },
    ]);
    const head = await ask('/readyz', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([503, '']);
    expect((await ask('/livez')).status).toBe(405);
  });

  it('say stopping while the coordinator waits for calls to end, and end with it', async () => {
    const { coordinator, ask } = await open({ 'stop-grace': '30s' });
    const host = coordinator.httpAddress ?? '';
    expect((await ask('/readyz', { method: 'GET' })).json).toEqual({ status: 'ready' });
    // A call that is under way: its body is still to come.
    const socket = connect(Number(host.split(':').at(-1)), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (data) => {
      received += String(data);
    });
    const body = '{"task":{"kind":"late"}}';
    const head = `POST ${SUBMIT} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
    socket.write(`${head}expect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`);
    await until(() => expect(received).toContain('100 Continue'));
    const stopped = coordinator.stop();
    await until(async () => {
      expect((await ask('/readyz', { method: 'GET' })).json.status).toBe('stopping');
    });
    expect((await ask('/livez', { method: 'GET' })).status).toBe(200);
    socket.write(body);
    await until(() => expect(received).toContain('TASK_STATE_QUEUED'));
    await stopped;
    await expect(ask('/livez', { method: 'GET' })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('metrics', () => {
  it('follow a task from its submission to its end', async () => {
    const { coordinator, ask } = await open();
    const scrape = async () => {
      const answer = await ask('/metrics', { method: 'GET' });
      expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
      return parseMetrics(answer.text);
    };
    const before = await scrape();
    expect(before.get('reeve_tasks_queued{tier="HIGH"}')).toBe(0);
    expect(before.get('reeve_build_info{version="0.0.0-test",mode="embedded"}')).toBe(1);
    expect(before.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);

    const task = { kind: 'metric', tier: 'TIER_HIGH', requirements: { capabilities: ['work'] } };
    const submitted = await ask(SUBMIT, { body: { task } });
    const taskId = String(submitted.json.task?.taskId);
    await ask(SUBMIT, { body: {} });
    const queued = await scrape();
    expect(queued.get('reeve_tasks_queued{tier="HIGH"}')).toBe(1);
    expect([queued.get('reeve_lanes'), queued.get('reeve_lanes_parked')]).toEqual([1, 1]);
    const submits = 'method="reeve.v1.CoordinatorService/SubmitTask"';
    expect(queued.get(`reeve_calls_total{${submits},code="OK"}`)).toBe(1);
    expect(queued.get(`reeve_calls_total{${submits},code="INVALID_ARGUMENT"}`)).toBe(1);
    expect(queued.get(`reeve_call_duration_seconds_count{${submits}}`)).toBe(2);
    expect(queued.get(`reeve_call_duration_seconds_bucket{le="+Inf",${submits}}`)).toBe(2);

    const agent = new RawAgent(coordinator.address);
    onTestFinished(() => agent.close());
    await agent.hello('metric-agent');
    agent.grant(1);
    const [assignment] = await agent.assignments(1);
    if (!assignment) throw new Error('no assignment');
    agent.accept(assignment);
    const running = await scrape();
    expect(running.get('reeve_tasks_queued{tier="HIGH"}')).toBe(0);
    expect(running.get('reeve_tasks_in_flight')).toBe(1);
    expect([running.get('reeve_work_streams'), running.get('reeve_agent_instances')]).toEqual([1, 1]);
    expect(running.get('reeve_task_changes_total{state="ASSIGNED"}')).toBe(1);

    const client = createClient({ address: coordinator.address });
    onTestFinished(() => client.close());
    await client.cancel(taskId);
    const text = [...(await scrape()).keys()].join('\n');
    expect(text).toContain('method="reeve.v1.CoordinatorService/CancelTask",code="OK"');
    for (const secret of [taskId, 'metric-agent', '"default"']) expect(text).not.toContain(secret);
  });
});

describe('reeve dev', () => {
  it('takes the next port if its own is taken, and prints where it serves HTTP', async () => {
    const holder = await serveHttp();
    const taken = holder.server.port;
    const args = ['--http-port', String(taken)];
    const coordinator = await startCoordinator({ args });
    onTestFinished(async () => void (await coordinator.stop()));
    const port = Number(coordinator.httpAddress?.split(':').at(-1));
    expect(port).toBeGreaterThan(taken);
    expect(port).toBeLessThanOrEqual(taken + 20);
    const ask = asker(coordinator.httpAddress ?? '');
    const { json } = await ask(SUBMIT, { body: { task: { kind: 'echo', input: { json: { a: 1 } } } } });
    const taskId = json.task?.taskId;
    const read = await ask(GET_TASK, { body: { taskId } });
    expect(read.json.task?.spec?.input?.json).toEqual({ a: 1 });
    const waited = await ask(WAIT, { body: { taskId, maxWait: '0.01s' } });
    expect(waited.json.task?.state).toBe('TASK_STATE_QUEUED');
    expect(coordinator.stderr()).not.toContain('"level"');
  });

  it('serves no HTTP if told not to', async () => {
    const { coordinator } = await open({ http: false });
    expect(coordinator.httpAddress).toBeNull();
  });
});
