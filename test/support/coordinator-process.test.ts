import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startCoordinator } from './coordinator-process.js';

it('a coordinator that has to serve where somebody else listens is not started', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startCoordinator({ address: `127.0.0.1:${port}` })).rejects.toThrow(
    `127.0.0.1:${port} was taken`,
  );
}, 90_000);
