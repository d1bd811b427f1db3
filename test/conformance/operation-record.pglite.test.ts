import { openPgliteRecord } from '../support/pglite-record.js';
import { describeOperationRecord } from './operation-record.js';
import { describeQueueRecord } from './queue-record.js';

describeOperationRecord('PGlite', () => openPgliteRecord());
describeQueueRecord('PGlite', () => openPgliteRecord());
