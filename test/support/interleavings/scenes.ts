import type { Stage } from './stage.js';
import type { VerbName } from './verbs.js';

/** A verb, and the names of the tasks that it is about. */
export type Act = readonly [VerbName, ...string[]];

/** Tasks that stand in a certain way, and what may happen to them at once. */
export interface Scene {
  readonly name: string;
  readonly build: (stage: Stage) => Promise<void>;
  readonly acts: readonly Act[];
}

const ENDS = ['succeed', 'fail', 'cancel', 'time out', 'expire'] as const;
const endsOf = (name: string): Act[] => ENDS.map((verb) => [verb, name]);

export const SCENES: readonly Scene[] = [
  {
    name: 'a QUEUED task that another waits for',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
    },
    acts: [
      ['claim', 't'],
      ['cancel', 't'],
      ['route', 't'],
      ['skip', 't'],
      ['put off', 't'],
      ['time out', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'a SCHEDULED task that is due',
    build: (stage) => stage.submit('t', [], -1_000),
    acts: [
      ['promote', 't'],
      ['claim', 't'],
      ['cancel', 't'],
      ['put off', 't'],
      ['time out', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'an ASSIGNED task that another waits for',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
      await stage.claim('t');
    },
    acts: [
      ...endsOf('t'),
      ['accept', 't'],
      ['renew', 't'],
      ['return', 't'],
      ['fail for now', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
    ],
  },
  {
    name: 'an ASSIGNED task that is delivered for the last time',
    async build(stage) {
      await stage.submit('t');
      await stage.submit('d', ['t']);
      await stage.deliver('t', 9);
    },
    acts: [
      ['return for good', 't'],
      ['expire', 't'],
      ['succeed', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a RUNNING task that nobody waits for',
    build: (stage) => stage.running('t'),
    acts: [
      ...endsOf('t'),
      ['succeed plainly', 't'],
      ['fail plainly', 't'],
      ['accept', 't'],
      ['renew', 't'],
      ['fail for now', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a CANCELLING task that another waits for',
    async build(stage) {
      await stage.running('t');
      await stage.submit('d', ['t']);
      await stage.cancel('t');
    },
    acts: [
      ['succeed', 't'],
      ['obey', 't'],
      ['renew', 't'],
      ['expire', 't'],
      ['cancel', 't'],
      ['time out', 't'],
      ['submit on', 't'],
    ],
  },
  {
    name: 'a FAILED task that nobody waited for',
    async build(stage) {
      await stage.running('t');
      await stage.settle('t', 'FAILED');
    },
    acts: [
      ['retry', 't'],
      ['submit on', 't'],
      ['settle edges', 't'],
      ['cancel', 't'],
    ],
  },
  {
    name: 'a task that runs for two, one of them CANCELLED while it waited',
    async build(stage) {
      await stage.running('u');
      await stage.submit('d', ['u']);
      await stage.submit('e', ['u', 'd']);
      await stage.cancel('d');
    },
    acts: [
      ...endsOf('u'),
      ['retry', 'd'],
      ['submit on', 'd'],
      ['submit on', 'u', 'd'],
      ['settle edges', 'd'],
    ],
  },
  {
    name: 'a BLOCKED task and the two it waits for',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
    },
    acts: [
      ...endsOf('u'),
      ['succeed', 'v'],
      ['fail', 'v'],
      ['time out', 'v'],
      ['submit on', 'u', 'v'],
      ['submit on', 'd'],
      ['cancel', 'd'],
      ['time out', 'd'],
    ],
  },
  {
    name: 'a BLOCKED task whose last upstream runs',
    async build(stage) {
      await stage.running('u');
      await stage.submit('d', ['u']);
      await stage.submit('e', ['d']);
    },
    acts: [
      ['succeed', 'u'],
      ['succeed plainly', 'u'],
      ['fail', 'u'],
      ['put off', 'd'],
      ['cancel', 'd'],
      ['time out', 'd'],
      ['settle edges', 'u'],
      ['settle edges', 'd'],
      ['submit on', 'd'],
    ],
  },
  {
    name: 'a SKIPPED task and the two that have failed it',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
      await stage.settle('u', 'FAILED');
      await stage.settle('v', 'FAILED');
    },
    acts: [
      ['retry', 'u'],
      ['retry', 'v'],
      ['submit on', 'u', 'v'],
      ['submit on', 'd'],
      ['settle edges', 'u'],
      ['settle edges', 'd'],
    ],
  },
  {
    name: 'a SKIPPED task, one that has failed it, and one that runs',
    async build(stage) {
      await stage.running('u');
      await stage.running('v');
      await stage.submit('d', ['u', 'v']);
      await stage.submit('e', ['d']);
      await stage.settle('u', 'FAILED');
    },
    acts: [
      ['retry', 'u'],
      ['succeed', 'v'],
      ['fail', 'v'],
      ['cancel', 'v'],
      ['settle edges', 'd'],
      ['submit on', 'u', 'd'],
    ],
  },
  {
    name: 'a submission with a name',
    build: (stage) => stage.submit('t'),
    acts: [
      ['submit by name', 't'],
      ['submit by name on', 't'],
      ['claim', 't'],
      ['cancel', 't'],
    ],
  },
];
