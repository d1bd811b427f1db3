import { describeWorkflowRecord } from '../conformance/workflow-record.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeWorkflowRecord('Postgres', () => openServerRecord());
