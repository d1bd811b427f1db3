import { PolicyService } from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';
import { createRemoteCaller, type RemoteCallerOptions } from '../../../src/policies/remote/remote-caller.js';
import { systemClock } from '../../../src/system/clock.js';

export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A caller that may reach loopback unless told otherwise, and `Approve` by it. */
export function setupCaller(options: Partial<RemoteCallerOptions> = {}) {
  const caller = createRemoteCaller({
    clock: systemClock,
    log: SILENT,
    random: () => 0.5,
    privateHosts: ['127.0.0.1'],
    plaintextHosts: ['127.0.0.1'],
    ...options,
  });
  onTestFinished(() => caller.stop());
  const approve = (address: string, { deadlineMs = 10_000, plaintext = true, org = 'acme' } = {}) =>
    caller.call(PolicyService.method.approve, { org, address, plaintext }, { context: { org } }, deadlineMs);
  return { caller, approve };
}
