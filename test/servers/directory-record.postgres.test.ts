import { describeDirectoryFilters } from '../conformance/directory-filters.js';
import { describeDirectoryRecord } from '../conformance/directory-record.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeDirectoryRecord('Postgres', () => openServerRecord());
describeDirectoryFilters('Postgres', () => openServerRecord());
