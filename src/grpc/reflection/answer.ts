import type { DescFile } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import type { FileIndex } from './file-index.js';
import type { Answer, Question } from './reflection-file.js';

/** Answers one question about the files; a question that has no answer is an answer too. */
export function answer(index: FileIndex, services: readonly string[], question: Question): Answer {
  switch (question.case) {
    case 'listServices':
      return { case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return fileAnswer(index, index.byName(question.value), question.value);
    case 'fileContainingSymbol':
      return fileAnswer(index, index.bySymbol(question.value), question.value);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      const file = index.byExtension(containingType, extensionNumber);
      return fileAnswer(index, file, `extension ${extensionNumber} of ${containingType}`);
    }
    case 'allExtensionNumbersOfType': {
      const numbers = index.extensionNumbersOf(question.value);
      if (!numbers) return notFound(question.value);
      const value = { baseTypeName: question.value, extensionNumber: [...numbers] };
      return { case: 'allExtensionNumbersResponse', value };
    }
    default:
      return errorAnswer(status.INVALID_ARGUMENT, 'nothing was asked');
  }
}

/** The file and all it needs, dependencies last: whoever links them asks for nothing more. */
function fileAnswer(index: FileIndex, file: DescFile | undefined, what: string): Answer {
  if (!file) return notFound(what);
  const files = new Set<DescFile>();
  const add = (next: DescFile): void => {
    if (files.has(next)) return;
    files.add(next);
    for (const dependency of next.dependencies) add(dependency);
  };
  add(file);
  const fileDescriptorProto = [...files].map((next) => index.bytesOf(next));
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(what: string): Answer {
  return errorAnswer(status.NOT_FOUND, `${what} is not known here`);
}

function errorAnswer(errorCode: number, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } };
}
