import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CoordinatorService, TaskSpecSchema, WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect } from '../api/support/grpc-client.js';
import { asker, debugOf, GET_TASK, type Json, SUBMIT } from '../api/support/http-world.js';
import { openEmbedded } from '../support/embedded.js';

const REGISTER = '/reeve.v1.AgentService/RegisterAgent';
const LIST = '/reeve.v1.CoordinatorService/ListTasks';
const { getTask, submitTask } = CoordinatorService.method;
const { validateWorkflow } = WorkflowService.method;

let coordinator: Coordinator;
let ask: ReturnType<typeof asker>;
let grpc: ReturnType<typeof connect>;

beforeAll(async () => {
  coordinator = await openEmbedded();
  ask = asker(coordinator.httpAddress ?? '');
  grpc = connect(coordinator.address);
});
afterAll(async () => {
  grpc.close();
  await coordinator.stop();
});

async function taskCount(): Promise<number> {
  const { tasks } = (await ask(LIST, { body: { pageSize: 1_000 } })).json;
  return Object.keys(tasks ?? {}).length;
}

describe('a number that no double holds', () => {
  test.each([
    ['in a payload', SUBMIT, '{"task":{"kind":"a","input":{"json":1e100000}}}'],
    ['deep in a payload', SUBMIT, '{"task":{"kind":"a","input":{"json":{"a":[-1e100000]}}}}'],
    ['in a field of an integer', SUBMIT, '{"task":{"kind":"a","retry":{"maxAttempts":1e100000}}}'],
    ['in a field of a double', REGISTER, '{"agent":{"agentId":"a","weight":1e100000}}'],
    ['in a field of a double, as text', REGISTER, '{"agent":{"agentId":"a","weight":"1e100000"}}'],
    ['in a duration', SUBMIT, '{"task":{"kind":"a"},"assignWait":"1e100000s"}'],
  ])('is refused %s, and nothing is made of it', async (_, path, body) => {
    const before = await taskCount();
    const answer = await ask(path, { body });
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_argument']);
    expect(await taskCount()).toBe(before);
  });

  it('is refused as infinity over gRPC, at its field', async () => {
    const json = { kind: { case: 'numberValue' as const, value: Number.POSITIVE_INFINITY } };
    const input = { content: { case: 'json' as const, value: json } };
    await expect(grpc.call(submitTask, { task: { kind: 'a', input } })).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining('task.input.json'),
    });
  });
});

describe('keys that are names in JavaScript', () => {
  const NAMES = ['constructor', 'prototype', 'toString', 'hasOwnProperty'];

  it('are data in labels, through both doors', async () => {
    const labels = Object.fromEntries(NAMES.map((name) => [name, 'inert']));
    const { json } = await ask(SUBMIT, { body: { task: { kind: 'named', labels } } });
    const taskId = String(json.task?.taskId);
    expect((await ask(GET_TASK, { body: { taskId } })).json.task?.spec?.labels).toEqual(labels);
    const { task } = await grpc.call(getTask, { taskId });
    expect(task?.spec?.labels).toEqual(labels);
    const filter = { labels: { constructor: 'inert' } };
    const found = (await ask(LIST, { body: { filter } })).json.tasks;
    expect(found).toMatchObject([{ taskId }]);
    const none = (await ask(LIST, { body: { filter: { labels: { constructor: 'other' } } } })).json;
    expect(none.tasks ?? []).toEqual([]);
  });

  it('are refused where one is __proto__, which no label can be called, in whatever way it is written', async () => {
    const before = await taskCount();
    for (const key of ['__proto__', '\\u005f_proto__']) {
      const body = `{"task":{"kind":"a","labels":{"${key}":"polluted"}}}`;
      const answer = await ask(SUBMIT, { body });
      expect([answer.status, debugOf(answer).BadRequest?.fieldViolations]).toEqual([
        400,
        [expect.objectContaining({ field: 'task.labels["__proto__"]' })],
      ]);
    }
    // As gRPC has it, from any client: field 6, an entry of key and value.
    const spec = Buffer.from(toBinary(TaskSpecSchema, sample()));
    const renamed = Buffer.from(spec.toString('latin1').replace('xxxxxxxxx', '__proto__'), 'latin1');
    const bytes = Buffer.concat([Buffer.from([0x0a, renamed.length]), renamed]);
    const path = '/reeve.v1.CoordinatorService/SubmitTask';
    await expect(grpc.callRaw(path, bytes, (b) => b)).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining('task.labels["__proto__"]'),
    });
    expect(await taskCount()).toBe(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('are refused in maps of messages, too', async () => {
    const validate = '/reeve.v1.WorkflowService/ValidateWorkflow';
    const field = 'spec.groups[0].tasks[0].lookups["__proto__"]';
    const task = {
      taskId: 't',
      kind: 'k',
      lookups: { xxxxxxxxx: { kind: { case: 'boolValue' as const, value: true } } },
    };
    const body =
      '{"spec":{"groups":[{"groupId":"g","tasks":[{"taskId":"t","kind":"k","lookups":{"__proto__":{}}}]}]}}';
    const answer = await ask(validate, { body });
    expect([answer.status, debugOf(answer).BadRequest?.fieldViolations]).toEqual([
      400,
      [expect.objectContaining({ field })],
    ]);
    const request = { spec: { groups: [{ groupId: 'g', tasks: [task] }] } };
    const spec = Buffer.from(toBinary(validateWorkflow.input, create(validateWorkflow.input, request)));
    const bytes = Buffer.from(spec.toString('latin1').replace('xxxxxxxxx', '__proto__'), 'latin1');
    await expect(grpc.callRaw(validate, bytes, (b) => b)).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining(field),
    });
  });

  it('are data in payloads, in and out', async () => {
    const input = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":1}';
    const { json } = await ask(SUBMIT, { body: `{"task":{"kind":"a","input":{"json":${input}}}}` });
    const { task } = await grpc.call(getTask, { taskId: String(json.task?.taskId) });
    const { content } = task?.spec?.input ?? {};
    const text = content?.case === 'data' ? Buffer.from(content.value).toString() : '';
    expect(JSON.parse(text)).toEqual(JSON.parse(input));
    expect(Object.hasOwn(JSON.parse(text), '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('a compressed body', () => {
  const sound = Buffer.from('{"task":{"kind":"zipped"}}');

  /** The status and the code of SubmitTask for a body under `content-encoding: gzip`. */
  function zipped(body: Buffer): Promise<{ status: number; json: Json }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const url = `http://${coordinator.httpAddress}${SUBMIT}`;
      const req = request(url, { method: 'POST', headers, agent: false }, async (res) => {
        const chunks: Buffer[] = [];
        for await (const chunk of res) chunks.push(chunk as Buffer);
        resolve({ status: res.statusCode ?? 0, json: JSON.parse(Buffer.concat(chunks).toString()) });
      });
      req.once('error', reject);
      req.end(body);
    });
  }

  test.each([
    ['an ordinary one', gzipSync(sound)],
    ['one that unpacks to 64 MiB', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
    ['one that is not what it says', randomBytes(1_000)],
  ])('is not unpacked: %s', async (_, body) => {
    const before = await taskCount();
    const answer = await zipped(body);
    expect([answer.status, answer.json.code]).toEqual([501, 'unimplemented']);
    expect(String(answer.json.message)).toContain('gzip');
    expect(await taskCount()).toBe(before);
  });
});

/** A spec with one label, whose key has nine letters. */
function sample() {
  const labels = { xxxxxxxxx: 'polluted' };
  return { ...fromBinary(TaskSpecSchema, new Uint8Array()), kind: 'a', labels };
}
