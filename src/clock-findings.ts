import type { Finding } from './ports/check.js';

/** From where on a difference is a finding, and from where on it is bad; ms. */
const FELT_MS = 1_000;
const BAD_MS = 30_000;

/**
 * What is to be said of clocks.
 *
 * @param offsets how far each is ahead of this machine's, in ms
 */
export function clockFindings(
  offsets: readonly { readonly name: string; readonly ms: number }[],
): readonly Finding[] {
  if (offsets.length === 0) return [];
  const all = [{ name: 'this machine', ms: 0 }, ...offsets].sort((a, b) => a.ms - b.ms);
  const first = all.at(0) as (typeof all)[number];
  const last = all.at(-1) as (typeof all)[number];
  const apart = last.ms - first.ms;
  const texts = offsets.map(({ name, ms }) => `${name} ${ms < 0 ? '' : '+'}${Math.round(ms)} ms`);
  if (apart < FELT_MS) return [{ level: 'ok', what: `beside this machine: ${texts.join(', ')}` }];
  return [
    {
      level: apart < BAD_MS ? 'warning' : 'error',
      what: `${last.name} is ${(apart / 1_000).toFixed(1)} s ahead of ${first.name}`,
      why: 'Leases, delays and deadlines are times that one of them sets and another reads: they come early or late by as much.',
      fix: 'Keep the clocks in step on all machines: timedatectl set-ntp true, chronyc tracking',
    },
  ];
}
