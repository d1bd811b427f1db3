import {
  FAILPOINTS,
  type Failpoint,
  type Failpoints,
  lostReply,
  NO_FAILPOINTS,
} from '../ports/failpoints.js';

/** What a failpoint does: SIGKILL or SIGSTOP to this process, or an error as of a store that went away. */
const ACTIONS = ['exit', 'freeze', 'lose'] as const;
type Action = (typeof ACTIONS)[number];

interface Trap {
  readonly action: Action;
  /** Hits until it acts. */
  left: number;
}

/**
 * Reads the setting `failpoints`: `name=action@nth;…`, for example
 * `settle.after-commit=exit@40;claim.after-send=freeze@3`. `@nth` may be left out and is 1
 * then. Empty: no failpoints.
 *
 * @throws Error for a name, an action or a number it does not know
 */
export function parseFailpoints(text: string): Failpoints {
  const traps = new Map<Failpoint, Trap>();
  for (const part of text.split(';')) {
    if (part.trim() !== '') traps.set(...parseTrap(part.trim()));
  }
  if (traps.size === 0) return NO_FAILPOINTS;
  return {
    hit(name) {
      const trap = traps.get(name);
      if (!trap) return undefined;
      trap.left -= 1;
      return trap.left === 0 ? act(name, trap.action) : undefined;
    },
  };
}

function parseTrap(part: string): [Failpoint, Trap] {
  const [, name, action, nth = '1'] = /^([^=]+)=([^@]+)(?:@(.+))?$/.exec(part) ?? [];
  if (name === undefined || action === undefined) {
    throw new Error(`failpoints: "${part}" is not name=action@nth`);
  }
  if (!isOneOf(FAILPOINTS, name)) {
    throw new Error(`failpoints: there is no "${name}"; there are ${FAILPOINTS.join(', ')}`);
  }
  if (!isOneOf(ACTIONS, action)) {
    throw new Error(`failpoints: "${action}" of ${name} is not an action; there are ${ACTIONS.join(', ')}`);
  }
  if (!/^[1-9]\d{0,8}$/.test(nth)) {
    throw new Error(`failpoints: "${nth}" of ${name} is not a count of hits from 1`);
  }
  return [name, { action, left: Number(nth) }];
}

/** `exit` never resolves: nothing after the point runs even if the signal is late. */
function act(name: Failpoint, action: Action): Promise<void> | undefined {
  if (action === 'lose') {
    process.stderr.write(`failpoint ${name}: the reply is lost\n`);
    return Promise.reject(lostReply(name));
  }
  process.kill(process.pid, action === 'exit' ? 'SIGKILL' : 'SIGSTOP');
  return action === 'exit' ? new Promise(() => {}) : undefined;
}

function isOneOf<T extends string>(known: readonly T[], name: string): name is T {
  return (known as readonly string[]).includes(name);
}
