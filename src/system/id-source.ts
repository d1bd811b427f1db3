import { randomFillSync, randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { IdSource } from '../ports/id-source.js';

/** Ids whose random bytes are fetched at once: to ask for those of one costs more than all else about it. */
const AT_ONCE = 256;
const BYTES = 16;

/** Rising UUIDv7s: those of one ms are numbered from a random number on. */
function createTaskIds(): () => string {
  const fetched = new Uint8Array(AT_ONCE * BYTES);
  const random = new Uint8Array(BYTES);
  const id = new Uint8Array(BYTES);
  let used = fetched.length;
  let msecs = 0;
  let seq = 0;
  return () => {
    if (used === fetched.length) {
      randomFillSync(fetched);
      used = 0;
    }
    for (let i = 0; i < BYTES; i++) random[i] = fetched[used++] as number;
    const now = Date.now();
    if (now > msecs) {
      msecs = now;
      seq = startOf(random);
    } else {
      seq += 1;
    }
    return textOf(v7({ random, msecs, seq }, id));
  };
}

const DIGITS = Buffer.from('0123456789abcdef');
/** Where each byte of an id is in its text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const text = Buffer.alloc(36, '-');

/** `01890a5d-ac96-774b-bcce-b302099a8057`; in one piece, where the library leaves 20 joined ones. */
function textOf(id: Uint8Array): string {
  for (let i = 0; i < BYTES; i++) {
    const byte = id[i] as number;
    const at = PLACES[i] as number;
    text[at] = DIGITS[byte >>> 4] as number;
    text[at + 1] = DIGITS[byte & 15] as number;
  }
  return text.toString('latin1');
}

/** 31 bits that go into no other part of the id, so that there is room to count on. */
function startOf(random: Uint8Array): number {
  const [at6, at7, at8, at9] = [random[6] ?? 0, random[7] ?? 0, random[8] ?? 0, random[9] ?? 0];
  return ((at6 & 0x7f) << 24) | (at7 << 16) | (at8 << 8) | at9;
}

/** The machine's randomness. */
export const systemIds: IdSource = {
  taskId: createTaskIds(),
  uuid: () => randomUUID(),
  random: () => Math.random(),
};
