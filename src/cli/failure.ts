import { ReeveError } from '@reeve/sdk';
import { SettingsError } from '../settings/settings-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { type Typed, typedAs } from './flag-names.js';

/** What a person or a program is told when a command fails. */
export interface Failure {
  /** Upper case, for programs. */
  readonly code: string;
  readonly message: string;
  /** Whether the same command may succeed later. */
  readonly retryable: boolean;
  /** What to do about it, with the command for it where there is one. */
  readonly hint: string;
  readonly exit: ExitCode;
}

/** A failure that the command itself has found. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Without a hint it is the help of the command at hand. */
export function usageError(message: string, hint = ''): CliError {
  return new CliError({ code: 'USAGE', message, retryable: false, hint, exit: EXIT.usage });
}

const EXIT_OF_CODE: Readonly<Record<string, ExitCode>> = {
  INVALID_ARGUMENT: EXIT.usage,
  OUT_OF_RANGE: EXIT.usage,
  NOT_FOUND: EXIT.notFound,
  UNAUTHENTICATED: EXIT.authentication,
  PERMISSION_DENIED: EXIT.authentication,
  ALREADY_EXISTS: EXIT.conflict,
  FAILED_PRECONDITION: EXIT.conflict,
  ABORTED: EXIT.conflict,
  UNAVAILABLE: EXIT.unreachable,
  DEADLINE_EXCEEDED: EXIT.timeout,
};

const HINT_OF_REASON: Readonly<Record<string, string>> = {
  TASK_NOT_FOUND: 'List the tasks there are: reeve task list',
  DEPENDENCY_NOT_FOUND: 'List the tasks there are: reeve task list',
  PARENT_NOT_FOUND: 'List the tasks there are: reeve task list',
  AGENT_NOT_FOUND: 'List the agents there are: reeve agent list --all',
  WORKFLOW_NOT_FOUND: 'List the workflows there are: reeve workflow list',
  WORKFLOW_OVER: 'Look how it ended: reeve workflow get ID',
  WORKFLOW_NOT_RETRYABLE: 'Look at its state: reeve workflow get ID',
  CONTEXT_VERSION_UNKNOWN: 'Look which version it has: reeve workflow get ID',
  CONTEXT_VERSION_GONE: 'The message names the oldest that there is: reeve workflow context ID --at VERSION',
  CONTEXT_PATH_BLOCKED: 'Look what is there: reeve workflow context ID PATH',
  VERSION_MISMATCH: 'Look what it is now: reeve workflow context ID PATH',
  OPERATION_NOT_FOUND: 'List the operations there are: reeve operation list',
  OPERATION_ENDED: 'Look how it ended: reeve operation get ID',
  CONFIG_NOT_FOUND: 'See what is set, and what could be: reeve config effective',
  CONFIG_IN_USE: 'See what is set: reeve config list',
  JOB_KIND_NOT_FOUND: 'List the kinds of which something is said: reeve kind list',
  ETAG_MISMATCH: 'Look at it, and say it again with its new etag: reeve task get ID',
  ROLE_NOT_FOUND: 'List the roles there are: reeve role query',
  SUBJECT_NOT_FOUND: 'List the subjects there are: reeve subject query',
  DIRECTORY_UNAVAILABLE:
    'The coordinator is there, the directory of the organisation is not: look at it, or: reeve config set role_directory built_in',
  DIRECTORY_IS_REMOTE: 'Change them where they are kept, or: reeve config set role_directory built_in',
  POLICY_NOT_FOUND: 'List the policies there are: reeve policy list',
  REJECTED_BY_POLICY: 'See what was asked, and what it answered: reeve explain ID',
  NO_ELIGIBLE_AGENT: 'See which agents there are: reeve agent list --all',
  TASK_NOT_AWAITING_APPROVAL: 'See what waits for a word: reeve approval list',
  RULES_CHANGED: 'Run it again.',
  POLICY_IN_USE: 'See which parameters name it: reeve config list',
  TASK_ENDED: 'Look how it ended: reeve task get ID',
  TASK_NOT_RETRYABLE: 'Look at its state: reeve task get ID',
  INDEX_UNAVAILABLE:
    'The coordinator is there, its Redis is not: look at it with reeve doctor, and run it again.',
  RECORD_UNAVAILABLE:
    'The coordinator is there, its Postgres is not: look at it with reeve doctor, and run it again.',
  NO_ANSWER: 'It may have frozen, or have too much to do. Run it again.',
  PAYLOAD_TOO_LARGE: 'Raise the limit on the server: reeve dev --max-payload-bytes N',
};

/** What was asked of whom, for messages and hints. */
export interface Asked {
  /** For example `reeve task get`. */
  readonly command: string;
  /** Of the coordinator. */
  readonly address: string;
  /** The profile that the address comes from, if it does. */
  readonly profile?: string;
  /** What its command line may hold. */
  readonly typed?: Typed;
}

/** Any error as what is told. */
export function explain(error: unknown, asked: Asked): Failure {
  if (error instanceof CliError) {
    const { failure } = error;
    const isOpen = failure.code === 'USAGE' && failure.hint === '';
    return isOpen ? { ...failure, hint: `See: ${asked.command} --help` } : failure;
  }
  if (error instanceof SettingsError) {
    const { code, message, hint } = error;
    return { code, message, retryable: false, hint, exit: EXIT.usage };
  }
  if (error instanceof ReeveError) {
    const exit = EXIT_OF_CODE[error.code] ?? EXIT.failure;
    const code = error.reason || error.code;
    const message =
      code === 'UNREACHABLE' ? `no coordinator answers at ${asked.address}` : messageOf(error, asked);
    return { code, message, retryable: error.retryable, hint: hintOf(error, asked), exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = 'Run it again; if it stays, report it with the command and its output.';
  return { code: 'INTERNAL', message, retryable: false, hint, exit: EXIT.failure };
}

/** Fields are told as they were typed. */
function messageOf({ message, violations }: ReeveError, { typed = {} }: Asked): string {
  const [first] = violations;
  if (!first) return message;
  const nameOf = (field: string) => typedAs(field, typed) ?? field;
  // Rules name other fields too.
  const plain = (text: string) => text.replace(/\b[a-z]+(_[a-z]+)+\b/g, nameOf);
  const [before, ...after] = message.split(first.field);
  if (violations.length > 1 && before === '') {
    return violations.map((v) => `${nameOf(v.field)}: ${plain(v.description)}`).join('\n');
  }
  if (after.length > 0) return `${before}${nameOf(first.field)}${plain(after.join(first.field))}`;
  return [message, ...violations.map((v) => `${nameOf(v.field)}: ${plain(v.description)}`)].join('\n');
}

function hintOf(error: ReeveError, { address, command, profile }: Asked): string {
  const { upstream_task_id: upstream, task_id: task, operation_id: operation } = error.metadata;
  if (upstream) return `Retry what it was skipped for: reeve task retry ${upstream}`;
  if (error.reason === 'ETAG_MISMATCH') {
    return `Look at it, and say it again with its new etag: ${lookAt(error.metadata)}`;
  }
  if (error.reason === 'REQUEST_ID_REUSED') {
    return error.metadata.workflow_id
      ? 'Use another --request-id for another workflow, or start exactly the same one again.'
      : 'Use another --request-id for another task, or submit exactly the same one again.';
  }
  const known = HINT_OF_REASON[error.reason];
  if (known) return known.replace(/\bID$/, task ?? operation ?? 'ID');
  switch (error.code) {
    case 'UNAVAILABLE':
      if (profile) {
        return `The address is that of the profile ${profile}: reeve profile show. Name another: --profile NAME or --address HOST:PORT.`;
      }
      return `Is a coordinator running at ${address}? Start one: reeve dev. Or name another: --address HOST:PORT or REEVE_ADDRESS.`;
    case 'DEADLINE_EXCEEDED':
      return 'Give it longer: --timeout 60s';
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return 'Check the organisation and who you are: --org ORG';
    case 'INVALID_ARGUMENT':
      return `Correct the value and run it again; see: ${command} --help`;
    case 'RESOURCE_EXHAUSTED':
      // The words of gRPC, which has no reason for it.
      if (/message larger than max/.test(error.message)) return 'Send less at once.';
      return 'Wait a moment and run it again.';
    default:
      return error.retryable ? 'Run it again.' : `See: ${command} --help`;
  }
}

/** The command that shows what metadata names. */
function lookAt(metadata: Readonly<Record<string, string>>): string {
  const { key, kind, policy_id: policy, task_id: task } = metadata;
  if (key) return `reeve config get ${key}`;
  if (policy) return `reeve policy get ${policy}`;
  if (kind) return `reeve kind get ${kind}`;
  return `reeve task get ${task ?? 'ID'}`;
}
