import type { Command } from './command.js';
import { AGENT_GET } from './commands/agent-get.js';
import { AGENT_LIST } from './commands/agent-list.js';
import { COMPLETION } from './commands/completion.js';
import { DEV } from './commands/dev.js';
import { PROFILE_ADD } from './commands/profile-add.js';
import { PROFILE_LIST } from './commands/profile-list.js';
import { PROFILE_REMOVE } from './commands/profile-remove.js';
import { PROFILE_SHOW } from './commands/profile-show.js';
import { PROFILE_USE } from './commands/profile-use.js';
import { SUBMIT } from './commands/submit.js';
import { TASK_CANCEL } from './commands/task-cancel.js';
import { TASK_EVENTS } from './commands/task-events.js';
import { TASK_GET } from './commands/task-get.js';
import { TASK_LIST } from './commands/task-list.js';
import { TASK_RETRY } from './commands/task-retry.js';
import { TASK_UPDATE } from './commands/task-update.js';
import { TASK_WAIT } from './commands/task-wait.js';
import { TASK_WATCH } from './commands/task-watch.js';
import { VERSION } from './commands/version.js';

/** Every command, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [
  DEV,
  SUBMIT,
  TASK_GET,
  TASK_LIST,
  TASK_WATCH,
  TASK_WAIT,
  TASK_UPDATE,
  TASK_CANCEL,
  TASK_RETRY,
  TASK_EVENTS,
  AGENT_LIST,
  AGENT_GET,
  PROFILE_ADD,
  PROFILE_USE,
  PROFILE_LIST,
  PROFILE_SHOW,
  PROFILE_REMOVE,
  COMPLETION,
  VERSION,
];

/** First words that only group commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  task: 'Look at tasks and steer them',
  agent: 'Look at agents',
  profile: 'Name coordinators and switch between them',
};
