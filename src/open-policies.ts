import { createCelEngine } from './policies/cel/cel-engine.js';
import { createExpressionEngine } from './policies/cel/expression-engine.js';
import { WorkQueue } from './policies/cel/work-queue.js';
import { createPolicyEngine } from './policies/policy-engine.js';
import type { AddressRuleOptions } from './policies/remote/address-rules.js';
import { createRemoteCaller, type RemoteCaller } from './policies/remote/remote-caller.js';
import { createRemoteContexts, MAX_LOOKUPS_MS } from './policies/remote/remote-contexts.js';
import { createRemotePolicies } from './policies/remote/remote-policies.js';
import type { Clock } from './ports/clock.js';
import type { ContextProvider } from './ports/context-provider.js';
import type { ExpressionEngine } from './ports/expression-engine.js';
import type { Log } from './ports/log.js';
import type { PolicyEngine } from './ports/policy-engine.js';
import type { Settings } from './settings/table.js';
import { systemIds } from './system/id-source.js';

/** Of a page of a directory. */
const DIRECTORY_ANSWER_BYTES = 4 * 1024 * 1024;
/** Look-ups wait for their turn as long as they may take in all. */
const LOOKUPS = { maxAnswerBytes: 4 * 1024 * 1024, turnWaitMs: MAX_LOOKUPS_MS };
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export interface PolicyParts {
  readonly policies: PolicyEngine;
  /** On the same thread. */
  readonly expressions: ExpressionEngine;
  /** What organisations serve themselves, for whatever else asks them. */
  readonly caller: RemoteCaller;
  /** The same for directories, whose pages are larger. */
  readonly directoryCaller: RemoteCaller;
  /** What workflows look up; to be stopped before they are. */
  readonly contexts: ContextProvider;
  /** For metrics. */
  figures(): PolicyFigures;
  /** Ends threads and connections. */
  stop(): Promise<void>;
}

/** How it goes with policies. */
export interface PolicyFigures {
  /** Expressions that were ended with their thread, since the start. */
  readonly runaways: number;
  /** Services of policies and look-ups that are asked rarely, as they do not answer. */
  readonly openBreakers: number;
}

interface Needs {
  readonly settings: Pick<Settings, 'host' | 'policyPrivateHosts' | 'policyPlaintextHosts'>;
  readonly mode: 'embedded' | 'fleet';
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts together what evaluates the rules of organisations. */
export function openPolicies({ settings, mode, clock, log }: Needs): PolicyParts {
  const hosts = remoteHosts(settings, mode);
  const caller = createRemoteCaller({ clock, log, random: systemIds.random, ...hosts });
  const directoryCaller = createRemoteCaller({
    ...{ clock, log, random: systemIds.random, maxAnswerBytes: DIRECTORY_ANSWER_BYTES },
    ...hosts,
  });
  const lookupCaller = createRemoteCaller({ clock, log, random: systemIds.random, ...LOOKUPS, ...hosts });
  const remote = createRemotePolicies(caller, clock);
  const contexts = createRemoteContexts(lookupCaller, clock);
  let runaways = 0;
  const onEnded = () => {
    runaways++;
  };
  const queue = new WorkQueue({ clock, log, onEnded });
  const policies = createPolicyEngine({ cel: createCelEngine(queue), remote, caller });
  return {
    policies,
    expressions: createExpressionEngine(queue),
    caller,
    directoryCaller,
    contexts,
    figures: () => ({ runaways, openBreakers: caller.openBreakers() + lookupCaller.openBreakers() }),
    async stop() {
      // First of all: calls that are cut off must not pass for policies that failed.
      const stopped = policies.stop();
      contexts.stop();
      directoryCaller.stop();
      caller.stop();
      await stopped;
    },
  };
}

/**
 * Hosts that the address rules make an exception of: those of the settings, and in `reeve dev` the machine
 * itself, unless others than its own programs can reach the ports and could have it call there.
 */
function remoteHosts(
  { policyPrivateHosts, policyPlaintextHosts, host }: Needs['settings'],
  mode: Needs['mode'],
): Pick<AddressRuleOptions, 'privateHosts' | 'plaintextHosts'> {
  const besides = mode === 'embedded' && LOOPBACK.includes(host) ? LOOPBACK : [];
  return {
    privateHosts: [...policyPrivateHosts, ...besides],
    plaintextHosts: [...policyPlaintextHosts, ...besides],
  };
}
