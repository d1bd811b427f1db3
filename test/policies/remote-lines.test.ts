import { describe, expect, it } from 'vitest';
import { startPolicyServer } from './support/policy-server.js';
import { setupCaller } from './support/remote-world.js';

const YES = { message: { accepted: true } } as const;
const names = Array.from({ length: 17 }, (_, i) => `h${i}.test`);

/** Many names for one service. */
function setup() {
  const looked: string[] = [];
  const world = setupCaller({
    privateHosts: names,
    plaintextHosts: names,
    lookup: async (host) => {
      looked.push(host);
      return ['127.0.0.1'];
    },
  });
  return { ...world, looked };
}

describe('the connections of an organisation', () => {
  it('are at most sixteen; the one that was not used for the longest time makes room', async () => {
    const { port } = await startPolicyServer({ reply: () => YES });
    const { approve, looked } = setup();
    const ask = (name = '') => approve(`${name}:${port}`);
    for (const name of names.slice(0, 16)) await ask(name);
    await ask(names[0]);
    expect(looked).toEqual(names.slice(0, 16));
    await ask(names[16]);
    looked.length = 0;
    // The second was the oldest, and is looked up anew; the first had been used since.
    await ask(names[0]);
    await ask(names[1]);
    expect(looked).toEqual([names[1]]);
  });

  it('that are all in use leave no room, which is no matter of another organisation', async () => {
    let isBusy = true;
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { port, calls } = await startPolicyServer({
      reply: async () => {
        if (isBusy) await gate;
        return YES;
      },
    });
    const { approve } = setup();
    const busy = names.slice(0, 16).map((name) => approve(`${name}:${port}`));
    await expect.poll(() => calls.length).toBe(16);
    isBusy = false;
    await expect(approve(`${names[16]}:${port}`)).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
      message: 'too many services are being asked at once',
    });
    expect(await approve(`${names[16]}:${port}`, { org: 'globex' })).toMatchObject({ accepted: true });
    letGo();
    await Promise.all(busy);
    expect(await approve(`${names[16]}:${port}`)).toMatchObject({ accepted: true });
  });
});
