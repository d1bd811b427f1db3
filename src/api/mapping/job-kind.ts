import type { MessageInitShape } from '@bufbuild/protobuf';
import type { JobKind as JobKindMessage, JobKindSchema } from '@reeve/sdk/protocol';
import type { JobKind } from '../../domain/jobs/job-kind.js';
import type { JsonObject } from '../../domain/json.js';
import { etagOf } from './config.js';
import { timestampOf } from './time.js';

/** What is to be said of a kind of job; a message that has passed its constraints. */
export function toDomainJobKind(
  message: JobKindMessage | undefined,
): Omit<JobKind, 'org' | 'actor' | 'version' | 'updateTime'> {
  return {
    kind: message?.kind ?? '',
    inputSchema: (message?.inputSchema as JsonObject | undefined) ?? null,
    requiredFields: message?.requiredFields ?? [],
    validate: message?.validate ?? '',
    description: message?.description ?? '',
    preemptible: message?.preemptible ?? false,
  };
}

type StructJson = NonNullable<JobKindMessage['inputSchema']>;

/** Version 0: it is not stored yet. */
export function toProtoJobKind(jobKind: JobKind): MessageInitShape<typeof JobKindSchema> {
  const { kind, inputSchema, requiredFields, validate, description, preemptible } = jobKind;
  const { version, updateTime, actor } = jobKind;
  return {
    kind,
    requiredFields: [...requiredFields],
    validate,
    description,
    preemptible,
    etag: etagOf(version),
    actorSubjectId: actor,
    ...(inputSchema && { inputSchema: inputSchema as StructJson }),
    ...(version > 0 && { updateTime: timestampOf(updateTime) }),
  };
}
