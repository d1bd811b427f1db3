import type { Command } from './command.js';
import { AGENT_ACTIVATE } from './commands/agent-activate.js';
import { AGENT_BIDDERS } from './commands/agent-bidders.js';
import { AGENT_DEACTIVATE } from './commands/agent-deactivate.js';
import { AGENT_DRAIN } from './commands/agent-drain.js';
import { AGENT_GET } from './commands/agent-get.js';
import { AGENT_LIST } from './commands/agent-list.js';
import { APPROVAL_APPROVE } from './commands/approval-approve.js';
import { APPROVAL_LIST } from './commands/approval-list.js';
import { APPROVAL_REJECT } from './commands/approval-reject.js';
import { COMPLETION } from './commands/completion.js';
import { CONFIG_DELETE } from './commands/config-delete.js';
import { CONFIG_EFFECTIVE } from './commands/config-effective.js';
import { CONFIG_GET } from './commands/config-get.js';
import { CONFIG_LIST } from './commands/config-list.js';
import { CONFIG_SET } from './commands/config-set.js';
import { CONFIG_WATCH } from './commands/config-watch.js';
import { DEV } from './commands/dev.js';
import { DOCTOR } from './commands/doctor.js';
import { EXPLAIN } from './commands/explain.js';
import { KIND_DELETE } from './commands/kind-delete.js';
import { KIND_GET } from './commands/kind-get.js';
import { KIND_LIST } from './commands/kind-list.js';
import { KIND_PUT } from './commands/kind-put.js';
import { MIGRATE } from './commands/migrate.js';
import { OPERATION_CANCEL } from './commands/operation-cancel.js';
import { OPERATION_GET } from './commands/operation-get.js';
import { OPERATION_LIST } from './commands/operation-list.js';
import { OPERATION_WAIT } from './commands/operation-wait.js';
import { POLICY_DELETE } from './commands/policy-delete.js';
import { POLICY_GET } from './commands/policy-get.js';
import { POLICY_LIST } from './commands/policy-list.js';
import { POLICY_PUT } from './commands/policy-put.js';
import { POLICY_TEST } from './commands/policy-test.js';
import { PROFILE_ADD } from './commands/profile-add.js';
import { PROFILE_LIST } from './commands/profile-list.js';
import { PROFILE_REMOVE } from './commands/profile-remove.js';
import { PROFILE_SHOW } from './commands/profile-show.js';
import { PROFILE_USE } from './commands/profile-use.js';
import { QUEUE_CLEAR } from './commands/queue-clear.js';
import { QUEUE_PAUSE } from './commands/queue-pause.js';
import { QUEUE_PEEK } from './commands/queue-peek.js';
import { QUEUE_RESUME } from './commands/queue-resume.js';
import { QUEUE_STATS } from './commands/queue-stats.js';
import { ROLE_DELETE } from './commands/role-delete.js';
import { ROLE_PUT } from './commands/role-put.js';
import { ROLE_QUERY } from './commands/role-query.js';
import { SERVE } from './commands/serve.js';
import { SETTINGS_SHOW } from './commands/settings.js';
import { SUBJECT_DELETE } from './commands/subject-delete.js';
import { SUBJECT_PUT } from './commands/subject-put.js';
import { SUBJECT_QUERY } from './commands/subject-query.js';
import { SUBMIT } from './commands/submit.js';
import { TASK_CANCEL } from './commands/task-cancel.js';
import { TASK_EVENTS } from './commands/task-events.js';
import { TASK_GET } from './commands/task-get.js';
import { TASK_LIST } from './commands/task-list.js';
import { TASK_RETRY } from './commands/task-retry.js';
import { TASK_UPDATE } from './commands/task-update.js';
import { TASK_WAIT } from './commands/task-wait.js';
import { TASK_WATCH } from './commands/task-watch.js';
import { TOP } from './commands/top.js';
import { VERSION } from './commands/version.js';
import { WORKFLOW_CANCEL } from './commands/workflow-cancel.js';
import { WORKFLOW_CONTEXT } from './commands/workflow-context.js';
import { WORKFLOW_EVENTS } from './commands/workflow-events.js';
import { WORKFLOW_GET } from './commands/workflow-get.js';
import { WORKFLOW_LIST } from './commands/workflow-list.js';
import { WORKFLOW_RETRY } from './commands/workflow-retry.js';
import { WORKFLOW_START } from './commands/workflow-start.js';
import { WORKFLOW_VALIDATE } from './commands/workflow-validate.js';
import { WORKFLOW_WATCH } from './commands/workflow-watch.js';

/** Every command, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [
  DEV,
  SERVE,
  MIGRATE,
  DOCTOR,
  SUBMIT,
  TASK_GET,
  TASK_LIST,
  TASK_WATCH,
  TASK_WAIT,
  TASK_UPDATE,
  TASK_CANCEL,
  TASK_RETRY,
  TASK_EVENTS,
  WORKFLOW_VALIDATE,
  WORKFLOW_START,
  WORKFLOW_GET,
  WORKFLOW_LIST,
  WORKFLOW_WATCH,
  WORKFLOW_CANCEL,
  WORKFLOW_RETRY,
  WORKFLOW_EVENTS,
  WORKFLOW_CONTEXT,
  APPROVAL_LIST,
  APPROVAL_APPROVE,
  APPROVAL_REJECT,
  EXPLAIN,
  AGENT_LIST,
  AGENT_BIDDERS,
  AGENT_GET,
  AGENT_DRAIN,
  AGENT_DEACTIVATE,
  AGENT_ACTIVATE,
  QUEUE_STATS,
  QUEUE_PEEK,
  QUEUE_PAUSE,
  QUEUE_RESUME,
  QUEUE_CLEAR,
  OPERATION_LIST,
  OPERATION_GET,
  OPERATION_WAIT,
  OPERATION_CANCEL,
  ROLE_PUT,
  ROLE_QUERY,
  ROLE_DELETE,
  SUBJECT_PUT,
  SUBJECT_QUERY,
  SUBJECT_DELETE,
  CONFIG_GET,
  CONFIG_SET,
  CONFIG_LIST,
  CONFIG_DELETE,
  CONFIG_WATCH,
  CONFIG_EFFECTIVE,
  KIND_PUT,
  KIND_GET,
  KIND_LIST,
  KIND_DELETE,
  POLICY_PUT,
  POLICY_LIST,
  POLICY_GET,
  POLICY_TEST,
  POLICY_DELETE,
  TOP,
  PROFILE_ADD,
  PROFILE_USE,
  PROFILE_LIST,
  PROFILE_SHOW,
  PROFILE_REMOVE,
  SETTINGS_SHOW,
  COMPLETION,
  VERSION,
];

/** First words that only group commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  task: 'Look at tasks and steer them',
  workflow: 'Run groups of tasks that depend on each other',
  approval: "Give a person's word on tasks that wait for it",
  agent: 'Look at agents and steer them',
  queue: 'Look at what waits, pause, resume and clear it',
  operation: 'Follow what the coordinator does to many tasks',
  role: 'Say which roles there are, and find them',
  subject: 'Say who holds which roles, and find them',
  config: 'See and set the parameters of the organisation',
  kind: 'Say what tasks of a kind have to be like',
  policy: 'Say by which rules tasks are accepted, ordered and assigned',
  profile: 'Name coordinators and switch between them',
};
