import { openPgliteRecord } from '../support/pglite-record.js';
import { describeDirectoryFilters } from './directory-filters.js';
import { describeDirectoryRecord } from './directory-record.js';

describeDirectoryRecord('PGlite', () => openPgliteRecord());
describeDirectoryFilters('PGlite', () => openPgliteRecord());
