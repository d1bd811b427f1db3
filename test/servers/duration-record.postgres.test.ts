import { describeDurationRecord } from '../conformance/duration-record.js';
import { durationsOn } from '../support/record-durations.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeDurationRecord('Postgres', async () => durationsOn(await openServerRecord()));
