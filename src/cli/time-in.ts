import { parseDuration } from '../settings/duration.js';
import { usageError } from './failure.js';
import type { Given } from './given.js';

/**
 * A time given as such, or as a span from now.
 *
 * @param direction of a span: 1 ahead, -1 back
 */
export function timeIn(given: Given, name: string, direction: 1 | -1): Date | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const spanMs = parseDuration(text.replace(/^(\d+)d$/, (_, days) => `${Number(days) * 24}h`));
  const time = spanMs === undefined ? new Date(text) : new Date(Date.now() + direction * spanMs);
  if (Number.isNaN(time.getTime())) {
    throw usageError(
      `--${name}: ${JSON.stringify(text)} is no time`,
      `Like 2027-01-31T08:00Z, or 90s, 15m, 2h, 7d ${direction === 1 ? 'from now' : 'ago'}.`,
    );
  }
  return time;
}
