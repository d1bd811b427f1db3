import { buildFile, message } from './build-file.js';

const SCOPE = 'grpc.health.v1';

/**
 * The health protocol as reflection tells of it. What grpc-health-check has of it at run
 * time lost its file name and the scopes of its types, and does not link.
 */
export const createHealthFile = () =>
  buildFile({
    name: 'grpc/health/v1/health.proto',
    package: SCOPE,
    messages: [
      message(SCOPE, 'HealthCheckRequest', { service: [1, 'string'] }),
      message(
        SCOPE,
        'HealthCheckResponse',
        { status: [1, 'enum HealthCheckResponse.ServingStatus'] },
        {
          enums: [
            {
              name: 'ServingStatus',
              value: ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'].map((name, number) => ({
                name,
                number,
              })),
            },
          ],
        },
      ),
      message(SCOPE, 'HealthListRequest', {}),
      message(
        SCOPE,
        'HealthListResponse',
        { statuses: [1, 'HealthListResponse.StatusesEntry', 'repeated'] },
        {
          messages: [
            message(
              SCOPE,
              'StatusesEntry',
              { key: [1, 'string'], value: [2, 'HealthCheckResponse'] },
              { mapEntry: true },
            ),
          ],
        },
      ),
    ],
    service: {
      name: 'Health',
      method: [
        { name: 'Check', ...types('HealthCheckRequest', 'HealthCheckResponse') },
        { name: 'List', ...types('HealthListRequest', 'HealthListResponse') },
        { name: 'Watch', ...types('HealthCheckRequest', 'HealthCheckResponse'), serverStreaming: true },
      ],
    },
  });

function types(input: string, output: string) {
  return { inputType: `.${SCOPE}.${input}`, outputType: `.${SCOPE}.${output}` };
}
