import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type EmbeddedCoordinator, startEmbedded } from '../../src/embedded.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import type { Settings } from '../../src/settings/table.js';
import { createLog } from '../../src/telemetry/log.js';
import { ownPort } from '../support/own-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Somebody else's server. */
async function occupy(port: number): Promise<{ port: number; leave: () => Promise<void> }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const leave = () => new Promise<void>((resolve) => server.close(() => resolve()));
  closing.push(leave);
  return { port: (server.address() as AddressInfo).port, leave };
}

/** Starts with defaults that are free for these tests to take; `given` are set by somebody. */
async function serve(
  data: string,
  ports: { port: number; httpPort: number },
  given: readonly (keyof Settings)[] = [],
): Promise<EmbeddedCoordinator> {
  const { values } = resolveSettings({ flags: { data } });
  const log = createLog({ level: 'error' });
  const coordinator = await startEmbedded({ ...values, ...ports }, log, '0.0.0-test', new Set(given));
  closing.push(() => coordinator.stop());
  return coordinator;
}

const portOf = (address: string | null) => Number(address?.split(':').at(-1));
const remembered = (data: string) => JSON.parse(readFileSync(path.join(data, 'reeve.json'), 'utf8')).ports;

test('what took the place of a taken default port is remembered, and preferred when that is free again', async () => {
  const data = temporaryFolder('ports');
  const other = await occupy(await ownPort());
  const defaults = { port: other.port, httpPort: other.port };
  const first = await serve(data, defaults);
  const [port, httpPort] = [portOf(first.address), portOf(first.httpAddress)];
  expect(port).toBeGreaterThan(other.port);
  expect(first.movedPorts).toEqual([
    { door: 'gRPC', wanted: other.port, used: port },
    { door: 'HTTP', wanted: other.port, used: httpPort },
  ]);
  expect(remembered(data)).toEqual({ port, httpPort });
  await first.stop();
  await other.leave();

  const second = await serve(data, defaults);
  expect([portOf(second.address), portOf(second.httpAddress)]).toEqual([port, httpPort]);
  expect(second.movedPorts).toEqual([]);
  await second.stop();

  await occupy(port);
  const third = await serve(data, defaults);
  const next = portOf(third.address);
  expect(next).toBeGreaterThan(port);
  expect(third.movedPorts[0]).toEqual({ door: 'gRPC', wanted: port, used: next });
  expect(remembered(data)).toMatchObject({ port: next });
}, 120_000);

test('a port that somebody set is used whatever is remembered, and nothing takes its place for good', async () => {
  const data = temporaryFolder('ports');
  writeFileSync(
    path.join(data, 'reeve.json'),
    '{"postgresMajor":18,"createdBy":"0","ports":{"port":1,"httpPort":0}}',
  );
  const other = await occupy(await ownPort());
  const coordinator = await serve(data, { port: other.port, httpPort: 0 }, ['port', 'httpPort']);
  const used = portOf(coordinator.address);
  expect(coordinator.movedPorts).toEqual([{ door: 'gRPC', wanted: other.port, used }]);
  expect(remembered(data)).toEqual({ port: 1 });
}, 120_000);
