import { openPgliteRecord } from '../support/pglite-record.js';
import { describeConfigRecord } from './config-record.js';
import { describeOperationRecord } from './operation-record.js';
import { describeQueueRecord } from './queue-record.js';

describeOperationRecord('PGlite', () => openPgliteRecord());
describeQueueRecord('PGlite', () => openPgliteRecord());
describeConfigRecord('PGlite', () => openPgliteRecord());
