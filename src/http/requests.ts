import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeToHttpStatus } from '@connectrpc/connect/protocol-connect';
import type { Api } from '../api/api.js';
import { ReeveError, statusOf } from '../api/errors.js';
import { refuse } from './answer.js';
import type { Calls } from './calls.js';
import { admit, type GuardRules, PREFLIGHT_HEADERS } from './guard.js';
import { type createProbes, OPEN_PATHS, type Readiness } from './probes.js';
import { throwAwayRest } from './read-body.js';

export interface RequestWorld {
  readonly api: Api;
  readonly calls: Calls;
  readonly probes: ReturnType<typeof createProbes>;
  readonly rules: GuardRules;
  readonly readiness: () => Readiness;
  /** Told of a call, which ends when `res` closes. */
  readonly onCall: (res: ServerResponse) => void;
}

/** On every answer: it is what it says, is for who asked, and is to be kept by nobody. */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

const PROBE_METHODS = ['GET', 'HEAD'];

/** Answers a request, whatever it is. Never rejects. */
export async function answerRequest(
  world: RequestWorld,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  res.once('finish', () => throwAwayRest(req));
  for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
  try {
    await route(world, req, res);
  } catch (error) {
    if (res.headersSent || res.destroyed || req.errored) return void res.destroy();
    const status = world.api.statusOf(error);
    refuse(res, codeToHttpStatus(status.code as number), status);
  }
}

async function route(world: RequestWorld, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { calls, probes, rules } = world;
  const path = (req.url ?? '').split('?', 1)[0] ?? '';
  if (!OPEN_PATHS.has(path)) {
    const passed = admit(req, rules);
    for (const [name, value] of Object.entries(passed.headers)) res.setHeader(name, value);
  }
  const probe = probes.get(path);
  const allowed = probe ? PROBE_METHODS : calls.allowed(path);
  const { method = '' } = req;
  if (!allowed) return refuseUnknown(world, path, res);
  if (method === 'OPTIONS') {
    res.writeHead(204, { ...PREFLIGHT_HEADERS, allow: allowed.join(', ') }).end();
    return;
  }
  if (!allowed.includes(method)) return refuseMethod(path, method, allowed, res);
  if (probe) return probe(res);
  if (world.readiness() !== 'ready') throw notServing(world.readiness());
  world.onCall(res);
  await calls.answer(path, req, res);
}

function notServing(readiness: Readiness): ReeveError {
  const message = `the server is ${readiness}; ask again`;
  return new ReeveError('UNAVAILABLE', readiness === 'stopping' ? 'SHUTTING_DOWN' : 'STARTING', message, {
    retryAfterMs: 1_000,
  });
}

function refuseUnknown({ calls, probes }: RequestWorld, path: string, res: ServerResponse): void {
  const message = `there is nothing at ${path}; "paths" says what there is`;
  const error = new ReeveError('UNIMPLEMENTED', 'UNKNOWN_PATH', message);
  refuse(res, 404, statusOf(error), { paths: [...probes.keys(), ...calls.paths] });
}

function refuseMethod(path: string, method: string, allowed: readonly string[], res: ServerResponse): void {
  const message = `${path} takes ${allowed.join(' and ')}, not ${method}`;
  const error = new ReeveError('UNIMPLEMENTED', 'METHOD_NOT_ALLOWED', message);
  refuse(res, 405, statusOf(error), {}, { allow: allowed.join(', ') });
}
