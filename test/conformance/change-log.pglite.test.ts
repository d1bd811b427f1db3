import { openPgliteRecord } from '../support/pglite-record.js';
import { describeChangeLog } from './change-log.js';

describeChangeLog('PGlite', () => openPgliteRecord());
