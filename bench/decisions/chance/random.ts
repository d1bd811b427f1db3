/**
 * Numbers from 0 to 1 (exclusive) that a seed and a purpose name: the same are the same numbers everywhere. Each
 * purpose (workload, policy, noise) has a stream of its own, so that what one policy rolls changes nothing that
 * another one meets.
 */
export type Random = () => number;

export function randomOf(seed: number, purpose: string): Random {
  let a = hash(`${seed}/a/${purpose}`);
  let b = hash(`${seed}/b/${purpose}`);
  let c = hash(`${seed}/c/${purpose}`);
  let count = 1;
  // sfc32, by Chris Doty-Humphrey: small, fast, and passes PractRand.
  const next = () => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let n = 0; n < 16; n += 1) next();
  return next;
}

/** FNV-1a, mixed once more. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) | 0;
}
