import { payload, TaskError } from '@reeve/sdk';
import { Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { setup } from './support/agent-world.js';
import { assignment, textOf } from './support/work-probe.js';

describe('the result of a handler', () => {
  async function resultOf(handler: (input: unknown) => unknown, input?: unknown, options = {}) {
    const { worker, connect } = await setup();
    worker.handle('task', options, handler);
    const session = await connect();
    session.assign(assignment('task', input));
    const { result } = await session.nextResult();
    if (!result) throw new Error('no result');
    return result;
  }

  it('is compact JSON', async () => {
    const result = await resultOf((input) => ({ got: input }), { a: [1, null] });
    expect(result.outcome).toBe(Outcome.SUCCEEDED);
    expect(result.output?.mediaType).toBe('application/json');
    expect(Buffer.from(result.output?.content.value as Uint8Array).toString()).toBe('{"got":{"a":[1,null]}}');
  });

  it('is bytes as they are', async () => {
    const { output } = await resultOf(() => Uint8Array.of(1, 2, 3));
    expect(output?.mediaType).toBe('application/octet-stream');
    expect(textOf(output)).toBe('\u0001\u0002\u0003');
  });

  it('is bytes of a media type of its own', async () => {
    const { output } = await resultOf(() => payload('text/markdown', '# Hi'));
    expect(output?.mediaType).toBe('text/markdown');
  });

  it('is nothing when nothing is returned', async () => {
    const result = await resultOf(() => undefined);
    expect(result.outcome).toBe(Outcome.SUCCEEDED);
    expect(result.output).toBeUndefined();
  });

  it('is a failure that says what the TaskError says', async () => {
    const result = await resultOf(() => {
      throw new TaskError('RateLimited', 'try later', { retryable: false, detail: { after: 3 } });
    });
    expect(result.outcome).toBe(Outcome.FAILED);
    expect(result.error).toMatchObject({ kind: 'RateLimited', message: 'try later', retryable: false });
    expect(Buffer.from(result.error?.detail?.content.value as Uint8Array).toString()).toBe('{"after":3}');
  });

  it('is a retryable failure under the name of any other error', async () => {
    const result = await resultOf(() => {
      throw new RangeError('too far\u0000');
    });
    expect(result.error).toMatchObject({ kind: 'RangeError', message: 'too far ', retryable: true });
  });

  it("is final once the handler's own retries are spent", async () => {
    const fail = () => {
      throw new Error('no');
    };
    expect((await resultOf(fail, null, { retries: 0 })).error?.retryable).toBe(false);
    expect((await resultOf(fail, null, { retries: 1 })).error?.retryable).toBe(true);
  });

  it('is a failure that names the limit when it is too large', async () => {
    const result = await resultOf(() => 'x'.repeat(1_000));
    expect(result.error).toMatchObject({ kind: 'PAYLOAD_TOO_LARGE', retryable: false });
    expect(result.error?.message).toContain('1002 bytes');
    expect(result.error?.message).toContain('at most 1000');
  });

  it('is a failure when it has no JSON', async () => {
    const result = await resultOf(() => ({ big: 1n }));
    expect(result.error).toMatchObject({ kind: 'INVALID_OUTPUT', retryable: false });
  });

  it('is INVALID_INPUT, not to be retried, when the schema refuses the input', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: async (value: unknown) =>
          typeof value === 'number'
            ? { value }
            : { issues: [{ message: 'not a number', path: ['a', { key: 'b' }] }, { message: 'nor else' }] },
      },
    };
    const refused = await resultOf((input) => input, 'text', { input: schema });
    expect(refused.error).toMatchObject({ kind: 'INVALID_INPUT', retryable: false });
    expect(refused.error?.message).toBe('input.a.b: not a number (and 1 more)');
    expect((await resultOf((input) => input, 5, { input: schema })).outcome).toBe(Outcome.SUCCEEDED);
  });
});

it('a result that does not count is forgotten all the same', async () => {
  const { worker, connect, messages } = await setup({ slots: 1 });
  worker.handle('echo', (input) => input);
  const session = await connect();
  session.assign(assignment('echo'));
  session.acknowledge(await session.nextResult(), ResultVerdict.LEASE_SUPERSEDED);
  const stopped = worker.stop();
  await session.next('drain');
  session.send({ case: 'drainAck', value: {} });
  await stopped;
  expect(messages).toContainEqual(
    expect.objectContaining({ message: 'a result does not count', level: 'warn' }),
  );
});
