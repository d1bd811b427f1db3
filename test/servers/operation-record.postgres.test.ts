import { describeConfigRecord } from '../conformance/config-record.js';
import { describeOperationRecord } from '../conformance/operation-record.js';
import { describeQueueRecord } from '../conformance/queue-record.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeOperationRecord('Postgres', () => openServerRecord());
describeQueueRecord('Postgres', () => openServerRecord());
describeConfigRecord('Postgres', () => openServerRecord());
