import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Leadership } from '../../src/ports/leadership.js';

const TTL_MS = 60_000;

export interface OpenedLeadership {
  /** Another leadership at each call. */
  create(): {
    readonly leadership: Leadership;
    expire(): Promise<void>;
    /** By an hour, as the leadership sees it. */
    turnClockBack(): Promise<void>;
  };
  close(): Promise<void>;
}

/** What every leadership must do that several may ask for. `open` is called once. */
export function describeLeadership(name: string, open: () => Promise<OpenedLeadership>): void {
  describe(`the leadership on ${name}`, () => {
    let opened: OpenedLeadership | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const setup = () => {
      if (!opened) throw new Error('the leadership is not open');
      return opened.create();
    };

    test('goes to one of those who ask at once, and stays with it', async () => {
      const { leadership } = setup();
      const holders = ['a', 'b', 'c', 'd', 'e'];
      const first = await Promise.all(holders.map((holder) => leadership.hold(holder, TTL_MS)));
      const leaders = holders.filter((_, i) => first[i]?.kind === 'HELD');
      expect(leaders).toHaveLength(1);

      for (const holder of holders) {
        const answer = await leadership.hold(holder, TTL_MS);
        if (holder === leaders[0]) expect(answer).toEqual({ kind: 'HELD', epoch: 1 });
        else expect(answer).toEqual({ kind: 'TAKEN', holder: leaders[0], remainingMs: expect.any(Number) });
        if (answer.kind === 'TAKEN') {
          expect(answer.remainingMs).toBeGreaterThan(0);
          expect(answer.remainingMs).toBeLessThanOrEqual(TTL_MS);
        }
      }
    });

    test('goes to another only when its time is over, with a higher epoch', async () => {
      const { leadership, expire } = setup();
      expect(await leadership.hold('a', TTL_MS)).toEqual({ kind: 'HELD', epoch: 1 });
      expect(await leadership.hold('b', TTL_MS)).toMatchObject({ kind: 'TAKEN', holder: 'a' });
      await expire();
      expect(await leadership.hold('b', TTL_MS)).toEqual({ kind: 'HELD', epoch: 2 });
      expect(await leadership.hold('a', TTL_MS)).toMatchObject({ kind: 'TAKEN', holder: 'b' });
      await expire();
      expect(await leadership.hold('a', TTL_MS)).toEqual({ kind: 'HELD', epoch: 3 });
    });

    test('goes to another if its end is further away than anybody leads: the clock has gone back', async () => {
      const { leadership, turnClockBack } = setup();
      expect(await leadership.hold('a', TTL_MS)).toEqual({ kind: 'HELD', epoch: 1 });
      await turnClockBack();
      expect(await leadership.hold('b', TTL_MS)).toEqual({ kind: 'HELD', epoch: 2 });
      expect(await leadership.hold('a', TTL_MS)).toMatchObject({ kind: 'TAKEN', holder: 'b' });
    });

    test('stays with who asks again before another did, and of several who ask then one has it', async () => {
      const { leadership, expire } = setup();
      await leadership.hold('a', TTL_MS);
      await expire();
      expect(await leadership.hold('a', TTL_MS)).toEqual({ kind: 'HELD', epoch: 1 });
      await expire();
      const next = await Promise.all(['b', 'c', 'd'].map((holder) => leadership.hold(holder, TTL_MS)));
      expect(next.filter(({ kind }) => kind === 'HELD')).toEqual([{ kind: 'HELD', epoch: 2 }]);
    });

    test('is free at once when it is given back, by who has it', async () => {
      const { leadership } = setup();
      await leadership.hold('a', TTL_MS);
      await leadership.giveBack('b');
      expect(await leadership.hold('b', TTL_MS)).toMatchObject({ kind: 'TAKEN', holder: 'a' });
      await leadership.giveBack('a');
      expect(await leadership.hold('b', TTL_MS)).toEqual({ kind: 'HELD', epoch: 2 });
      await leadership.giveBack('a');
      expect(await leadership.hold('c', TTL_MS)).toMatchObject({ kind: 'TAKEN', holder: 'b' });
    });
  });
}
