const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** A span as people say it, in its largest unit: `340ms`, `12s`, `3m`, `2h`, `5d`. */
export function span(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  }
  return `${Math.max(0, Math.round(ms))}ms`;
}

/** `3m ago`, `in 2h`, `now`; empty for no time. */
export function relativeTime(time: Date | undefined, now: number): string {
  if (!time) return '';
  const ms = now - time.getTime();
  if (Math.abs(ms) < 1_000) return 'now';
  return ms > 0 ? `${span(ms)} ago` : `in ${span(-ms)}`;
}
