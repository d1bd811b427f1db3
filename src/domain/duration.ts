const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** What people may write where a duration is wanted. */
export const DURATION_SYNTAX = 'a duration such as 500ms, 60s, 5m or 2h';

/** `500ms`, `60s`, `1.5m`, `2h` in whole ms; `undefined` if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text.trim());
  if (!match) return undefined;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  const whole = Math.round(ms);
  return Math.abs(ms - whole) < 1e-6 && Number.isSafeInteger(whole) ? whole : undefined;
}

/** Ms in the largest unit that divides them: 90000 is `90s`, 120000 is `2m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms !== 0 && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return ms === 0 ? '0s' : `${ms}ms`;
}
