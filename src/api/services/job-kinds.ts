import type { ConfigService } from '@reeve/sdk/protocol';
import type { JobKind } from '../../domain/jobs/job-kind.js';
import { createJobKindChanges, jobKindNotFound } from '../../usecases/config/change-job-kind.js';
import type { Handlers } from '../call.js';
import { toDomainJobKind, toProtoJobKind } from '../mapping/job-kind.js';
import { fitting } from '../mapping/lists.js';
import { expectedVersion } from '../mapping/version-etag.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context } from './context.js';

type Names = 'putJobKind' | 'getJobKind' | 'listJobKinds' | 'deleteJobKind';

/** What a kind has besides its schema and its expression, at most or about, in bytes. */
const BESIDES_BYTES = 1_024;

export function jobKindHandlers({ config, ports }: Context): Pick<Handlers<typeof ConfigService>, Names> {
  const changes = createJobKindChanges({ ports, config });

  return {
    async putJobKind(principal, { jobKind, etag, validateOnly }) {
      const change = { jobKind: toDomainJobKind(jobKind), expected: expectedVersion(etag), validateOnly };
      return { jobKind: toProtoJobKind(await changes.put(principal, change)) };
    },

    async getJobKind({ org }, { kind }) {
      const found = (await config.listJobKinds(org)).find((known) => known.kind === kind);
      if (!found) throw jobKindNotFound(org, kind);
      return { jobKind: toProtoJobKind(found) };
    },

    async listJobKinds({ org }, { pageSize, pageToken }) {
      const question = ['ListJobKinds', org];
      const after = cursorOf(question, pageToken, CURSORS.TEXT) ?? '';
      const rest = (await config.listJobKinds(org)).filter(({ kind }) => kind > after);
      const page = fitting(rest.slice(0, pageSize || 100), ANSWER_BYTES, sizeOf);
      const last = page.at(-1);
      return {
        jobKinds: page.map(toProtoJobKind),
        nextPageToken: page.length < rest.length && last ? pageTokenOf(question, last.kind) : '',
      };
    },

    async deleteJobKind(principal, { kind, etag }) {
      const deleted = await changes.delete(principal, { kind, expected: expectedVersion(etag) });
      return { jobKind: toProtoJobKind(deleted) };
    },
  };
}

/** As a message, a schema takes up to three times what it takes as JSON: each number has eight bytes. */
function sizeOf({ inputSchema, validate, description }: JobKind): number {
  const schema = inputSchema ? 3 * JSON.stringify(inputSchema).length : 0;
  return schema + validate.length + description.length + BESIDES_BYTES;
}
