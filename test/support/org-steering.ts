import { createClient } from '@reeve/sdk';
import { onTestFinished } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';

let orgs = 0;

/** An organisation of its own on a coordinator, and its parameters and kinds of jobs, as curl would set them. */
export function openOrg({ address, httpAddress }: Pick<EmbeddedCoordinator, 'address' | 'httpAddress'>) {
  const org = `org-${process.pid}-${++orgs}`;
  const client = createClient({ address, org });
  onTestFinished(() => client.close());
  const config = async (method: string, request: unknown): Promise<void> => {
    const answer = await fetch(`http://${httpAddress}/reeve.v1.ConfigService/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', org },
      body: JSON.stringify(request),
    });
    if (!answer.ok) throw new Error(`${method}: ${answer.status} ${await answer.text()}`);
  };
  return {
    org,
    client,
    set: (key: string, value: unknown) => config('SetConfig', { key, value }),
    putKind: (jobKind: unknown) => config('PutJobKind', { jobKind }),
  };
}
