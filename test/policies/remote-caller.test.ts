import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Reply, startPolicyServer } from './support/policy-server.js';
import { setupCaller } from './support/remote-world.js';

const YES: Reply = { message: { accepted: true, reason: 'fine' } };
const AWAY: Reply = { status: 'UNAVAILABLE', details: 'not now' };

describe('a call to a service of an organisation', () => {
  it('brings its answer', async () => {
    const { address } = await startPolicyServer({ reply: () => YES });
    const { approve } = setupCaller();
    expect(await approve(address)).toMatchObject({ accepted: true, reason: 'fine' });
  });

  it('is repeated while the service is UNAVAILABLE', async () => {
    const { address, calls } = await startPolicyServer({ reply: (call) => (call < 2 ? AWAY : YES) });
    const { approve } = setupCaller();
    expect(await approve(address)).toMatchObject({ accepted: true });
    expect(calls).toHaveLength(3);
  });

  it('reaches a service that comes up while it is repeated', async () => {
    const first = await startPolicyServer({ reply: () => YES });
    first.stop();
    const { approve } = setupCaller();
    const answer = approve(first.address);
    await startPolicyServer({ reply: () => YES, port: first.port });
    expect(await answer).toMatchObject({ accepted: true });
  });

  it('ends with what the service last said when repeats do not help', async () => {
    const { address, calls } = await startPolicyServer({ reply: () => AWAY });
    const { approve } = setupCaller();
    await expect(approve(address, { deadlineMs: 1_500 })).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
      message: 'not now',
    });
    expect(calls.length).toBeGreaterThan(1);
  });

  it('ends at the deadline when the service hangs, and tells the service', async () => {
    const { address, calls } = await startPolicyServer({ reply: () => 'HANG' });
    const { approve } = setupCaller();
    await expect(approve(address, { deadlineMs: 200 })).rejects.toMatchObject({ kind: 'DEADLINE' });
    expect(calls).toHaveLength(1);
    await expect.poll(() => calls[0]?.cancelled).toBe(true);
  });

  it('does not take an answer that comes late', async () => {
    let answer = (_reply: Reply) => {};
    const late = new Promise<Reply>((resolve) => {
      answer = resolve;
    });
    const { address } = await startPolicyServer({ reply: (call) => (call === 0 ? late : YES) });
    const { approve } = setupCaller();
    await expect(approve(address, { deadlineMs: 200 })).rejects.toMatchObject({ kind: 'DEADLINE' });
    answer({ message: { accepted: false, reason: 'late' } });
    expect(await approve(address)).toMatchObject({ accepted: true, reason: 'fine' });
  });

  it('is not repeated when the service refuses, and has its words on one bounded line', async () => {
    const details = `no\r\n\u001b[31mway ${'x'.repeat(2_000)}`;
    const { address, calls } = await startPolicyServer({
      reply: () => ({ status: 'PERMISSION_DENIED', details }),
    });
    const { approve } = setupCaller();
    const failure = await approve(address).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'ERROR' });
    expect((failure as Error).message).toMatch(/^PERMISSION_DENIED: no \[31mway x{400,500}…$/);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['bytes that are no message', Buffer.from([0xff, 0xff, 0xff]), 'WRONG_RESULT'],
    ['a message of more than 64 KiB', Buffer.alloc(64 * 1024 + 1), 'TOO_LARGE'],
  ])('fails at once on %s', async (_what, bytes, kind) => {
    const { address, calls } = await startPolicyServer({ reply: () => ({ bytes }) });
    const { approve } = setupCaller();
    await expect(approve(address)).rejects.toMatchObject({ kind });
    expect(calls).toHaveLength(1);
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await startPolicyServer({ reply: () => YES });
    const server = createServer();
    server.on('stream', (stream) => {
      stream.respond(
        { ':status': 307, location: `http://${elsewhere.address}/reeve.v1.PolicyService/Approve` },
        { endStream: true },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { approve } = setupCaller();
    const { port } = server.address() as AddressInfo;
    await expect(approve(`127.0.0.1:${port}`)).rejects.toMatchObject({
      kind: 'ERROR',
      message: 'UNKNOWN: Received HTTP status code 307',
    });
    expect(elsewhere.calls).toHaveLength(0);
  });

  it('fails when the caller is stopped meanwhile', async () => {
    let begun = () => {};
    const asked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { address } = await startPolicyServer({
      reply: () => {
        begun();
        return 'HANG';
      },
    });
    const { caller, approve } = setupCaller();
    const answer = approve(address).catch((error: unknown) => error);
    await asked;
    caller.stop();
    expect(await answer).toMatchObject({ kind: 'UNAVAILABLE', message: 'the server is shutting down' });
    await expect(approve(address)).rejects.toMatchObject({ message: 'the server is shutting down' });
  });

  it('is one of at most 32 at a time', async () => {
    let most = 0;
    let open = 0;
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { address } = await startPolicyServer({
      reply: async () => {
        most = Math.max(most, ++open);
        await gate;
        open--;
        return YES;
      },
    });
    const { approve } = setupCaller();
    const answers = Array.from({ length: 40 }, () => approve(address));
    await expect.poll(() => open).toBe(32);
    letGo();
    expect(await Promise.all(answers)).toHaveLength(40);
    expect(most).toBe(32);
  });
});

describe('the breaker of a service', () => {
  it('opens after repeated failures, answers at once, and closes when the service is back', async () => {
    let isBack = false;
    const { address, calls } = await startPolicyServer({ reply: () => (isBack ? YES : AWAY) });
    const { approve } = setupCaller();
    for (let i = 0; i < 5; i++) {
      await expect(approve(address, { deadlineMs: 100 })).rejects.toMatchObject({
        kind: expect.stringMatching(/^(UNAVAILABLE|DEADLINE)$/),
      });
    }
    const before = calls.length;
    await expect(approve(address)).rejects.toThrow(
      /^the service failed repeatedly and is not asked for another \d+ ms$/,
    );
    expect(calls).toHaveLength(before);
    isBack = true;
    await expect
      .poll(() =>
        approve(address).then(
          ({ accepted }) => accepted,
          () => false,
        ),
      )
      .toBe(true);
    expect(calls).toHaveLength(before + 1);
  });

  it('is of one organisation', async () => {
    const { address } = await startPolicyServer({ reply: (call) => (call < 5 ? AWAY : YES) });
    const { approve } = setupCaller();
    for (let i = 0; i < 5; i++) await approve(address, { deadlineMs: 20 }).catch(() => undefined);
    await expect(approve(address)).rejects.toThrow('failed repeatedly');
    expect(await approve(address, { org: 'globex' })).toMatchObject({ accepted: true });
  });

  it('does not open because a service says no', async () => {
    const { address, calls } = await startPolicyServer({ reply: () => ({ status: 'INTERNAL' }) });
    const { approve } = setupCaller();
    for (let i = 0; i < 8; i++) await expect(approve(address)).rejects.toMatchObject({ kind: 'ERROR' });
    expect(calls).toHaveLength(8);
  });
});
