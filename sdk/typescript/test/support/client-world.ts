import { type ClientOptions, createClient } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import { FakeCoordinator } from './fake-coordinator.js';

/** A client and the fake coordinator it talks to, until the test is over. */
export async function setup(options: ClientOptions = {}) {
  const server = await FakeCoordinator.start();
  onTestFinished(() => server.crash());
  const client = createClient({ address: server.address, ...options });
  onTestFinished(() => client.close());
  return { server, client };
}

/** A task id that says its number. */
export const idOf = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
