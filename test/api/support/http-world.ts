import { type IncomingHttpHeaders, request } from 'node:http';
import { onTestFinished, vi } from 'vitest';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../../src/http/server.js';
import { setup } from './world.js';

export const SUBMIT = '/reeve.v1.CoordinatorService/SubmitTask';
export const GET_TASK = '/reeve.v1.CoordinatorService/GetTask';
export const WATCH = '/reeve.v1.CoordinatorService/WatchTasks';
export const WAIT = '/reeve.v1.CoordinatorService/WaitTask';
export const WORK = '/reeve.v1.AgentService/Work';

type Options = Parameters<typeof setup>[0] & Partial<Omit<HttpServerOptions, 'api'>>;

/** The HTTP door over a record that is a map, on a free port, serving until the test is over. */
export async function serveHttp(options: Options = {}) {
  const world = setup(options);
  const server: HttpServer = await startHttpServer({
    api: world.api,
    metrics: { contentType: 'text/plain', text: async () => 'none 0\n' },
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    ...options,
  });
  onTestFinished(() => server.close());
  server.setServing(true);
  return { ...world, server, ask: asker(server.address) };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of the body; `undefined` if it is no JSON. */
  readonly json: Json;
}

/** Whatever JSON has in it. */
export interface Json {
  readonly [key: string]: Json;
}

/** Asks over a connection of its own, with exactly the headers that are given. POSTs JSON unless told otherwise. */
export function asker(address: string) {
  return (path: string, { method = 'POST', headers = {}, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
      const req = request(`http://${address}${path}`, {
        method,
        headers: { ...type, ...headers },
        agent: false,
      });
      req.on('error', reject);
      req.on('response', (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: parsed(text) });
        });
      });
      req.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
    });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

/** What a failed call says for programs, by the type of the detail. */
export function debugOf(answer: Answer): Readonly<Record<string, Json>> {
  const details = (answer.json.details ?? []) as unknown as { type: string; debug: Json }[];
  return Object.fromEntries(details.map(({ type, debug }) => [type.replace('google.rpc.', ''), debug]));
}

/** Waits until `check` no longer throws: long, since machines that run tests may be busy. */
export function until(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, 20_000);
}
