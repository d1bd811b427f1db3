import { describeTaskRecord } from '../conformance/task-record.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeTaskRecord('Postgres', () => openServerRecord());
