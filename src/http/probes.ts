import type { ServerResponse } from 'node:http';
import { answerJson, answerText } from './answer.js';

/** Whether calls are taken; if not, why. */
export type Readiness = 'ready' | 'starting' | 'stopping';

export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface ProbeSources {
  readonly readiness: () => Readiness;
  readonly metrics: MetricsText;
}

type Probe = (res: ServerResponse) => void | Promise<void>;

/** What machines that watch over the server ask, by path. */
export function createProbes({ readiness, metrics }: ProbeSources): ReadonlyMap<string, Probe> {
  return new Map<string, Probe>([
    ['/livez', (res) => answerJson(res, 200, { status: 'ok' })],
    [
      '/readyz',
      (res) => {
        const status = readiness();
        if (status === 'ready') answerJson(res, 200, { status });
        else answerJson(res, 503, { status, reason: `the server is ${status}` });
      },
    ],
    [
      '/metrics',
      async (res) => answerText(res, 200, await metrics.text(), { 'content-type': metrics.contentType }),
    ],
  ]);
}

/** Asked by address, from wherever, and tell nothing: any Host may ask. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/livez', '/readyz']);
