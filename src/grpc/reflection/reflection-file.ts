import type { DescFile, Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import { buildFile, message } from './build-file.js';

export type ReflectionVersion = 'v1' | 'v1alpha';

/** The two versions of the protocol differ in their package only. */
export const createReflectionFile = (version: ReflectionVersion): DescFile => {
  const scope = `grpc.reflection.${version}`;
  const question = { oneof: 'message_request' };
  const answer = { oneof: 'message_response' };
  return buildFile({
    name: `grpc/reflection/${version}/reflection.proto`,
    package: scope,
    messages: [
      message(scope, 'ServerReflectionRequest', {
        host: [1, 'string'],
        file_by_filename: [3, 'string', question],
        file_containing_symbol: [4, 'string', question],
        file_containing_extension: [5, 'ExtensionRequest', question],
        all_extension_numbers_of_type: [6, 'string', question],
        list_services: [7, 'string', question],
      }),
      message(scope, 'ExtensionRequest', { containing_type: [1, 'string'], extension_number: [2, 'int32'] }),
      message(scope, 'ServerReflectionResponse', {
        valid_host: [1, 'string'],
        original_request: [2, 'ServerReflectionRequest'],
        file_descriptor_response: [4, 'FileDescriptorResponse', answer],
        all_extension_numbers_response: [5, 'ExtensionNumberResponse', answer],
        list_services_response: [6, 'ListServiceResponse', answer],
        error_response: [7, 'ErrorResponse', answer],
      }),
      message(scope, 'FileDescriptorResponse', { file_descriptor_proto: [1, 'bytes', 'repeated'] }),
      message(scope, 'ExtensionNumberResponse', {
        base_type_name: [1, 'string'],
        extension_number: [2, 'int32', 'repeated'],
      }),
      message(scope, 'ListServiceResponse', { service: [1, 'ServiceResponse', 'repeated'] }),
      message(scope, 'ServiceResponse', { name: [1, 'string'] }),
      message(scope, 'ErrorResponse', { error_code: [1, 'int32'], error_message: [2, 'string'] }),
    ],
    service: {
      name: 'ServerReflection',
      method: [
        {
          name: 'ServerReflectionInfo',
          inputType: `.${scope}.ServerReflectionRequest`,
          outputType: `.${scope}.ServerReflectionResponse`,
          clientStreaming: true,
          serverStreaming: true,
        },
      ],
    },
  });
};

/** What is asked. */
export type Question =
  | { readonly case: 'fileByFilename'; readonly value: string }
  | { readonly case: 'fileContainingSymbol'; readonly value: string }
  | {
      readonly case: 'fileContainingExtension';
      readonly value: { readonly containingType: string; readonly extensionNumber: number };
    }
  | { readonly case: 'allExtensionNumbersOfType'; readonly value: string }
  | { readonly case: 'listServices'; readonly value: string }
  | { readonly case: undefined; readonly value?: undefined };

/** What is answered, without the question. */
export type Answer =
  | {
      readonly case: 'fileDescriptorResponse';
      readonly value: { readonly fileDescriptorProto: Uint8Array[] };
    }
  | {
      readonly case: 'allExtensionNumbersResponse';
      readonly value: { readonly baseTypeName: string; readonly extensionNumber: number[] };
    }
  | { readonly case: 'listServicesResponse'; readonly value: { readonly service: { name: string }[] } }
  | {
      readonly case: 'errorResponse';
      readonly value: { readonly errorCode: number; readonly errorMessage: string };
    };

export type ReflectionRequest = Message & { readonly host: string; readonly messageRequest: Question };
export type ReflectionResponse = Message & { readonly messageResponse: Answer };

/** The request and response of a file made by `createReflectionFile`, with their types. */
export function reflectionMessages(file: DescFile): {
  readonly request: GenMessage<ReflectionRequest>;
  readonly response: GenMessage<ReflectionResponse>;
} {
  const of = (name: string) => file.messages.find((desc) => desc.name === name);
  return {
    request: of('ServerReflectionRequest') as GenMessage<ReflectionRequest>,
    response: of('ServerReflectionResponse') as GenMessage<ReflectionResponse>,
  };
}
