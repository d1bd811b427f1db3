import {
  create,
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import { grpcurl } from './grpcurl.js';
import { runTool, type Said, streamTool } from './tools.js';

type Method<I extends DescMessage, O extends DescMessage> = DescMethod & { input: I; output: O };

/** A tool that speaks JSON to one of the doors, for an organisation. */
export interface JsonDoor {
  readonly org: string;
  /** Calls a method with JSON as it is written. */
  say(method: DescMethod, json: string): Promise<Said>;
  /** What a method answers with. @throws Error with what the tool said */
  call<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>>;
  /** What the tool says of a call that must fail. */
  refusal<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageInitShape<I>,
  ): Promise<string>;
  /** The messages of a stream as they come, until the loop is left. */
  watch<I extends DescMessage, O extends DescMessage>(
    method: Method<I, O>,
    request: MessageInitShape<I>,
  ): AsyncGenerator<MessageShape<O>>;
}

/** How one tool is used. */
interface Tool {
  say(method: DescMethod, json: string): Promise<Said>;
  stream(method: DescMethod, json: string): AsyncGenerator<string>;
}

/** curl, at the HTTP door. */
export function curlDoor(address: string, org: string): JsonDoor {
  const urlOf = ({ parent, name }: DescMethod) => `http://${address}/${parent.typeName}/${name}`;
  const common = ['-sS', '--max-time', '30', '-H', `org: ${org}`];
  return door(org, {
    say: (method, json) => runTool('curl', [...common, '--fail-with-body', '-d', json, urlOf(method)]),
    async *stream(method, json) {
      const args = [...common, '-N', '--data-binary', '@-', urlOf(method)];
      let rest = '';
      for await (const chunk of streamTool('curl', args, Buffer.from(json))) {
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield Buffer.from(line, 'latin1').toString();
      }
    },
  });
}

/** grpcurl, at the gRPC door. */
export function grpcurlDoor(address: string, org: string): JsonDoor {
  const nameOf = ({ parent, name }: DescMethod) => `${parent.typeName}/${name}`;
  const header = ['-H', `org: ${org}`];
  return door(org, {
    say: (method, json) => grpcurl(...header, '-d', json, address, nameOf(method)),
    async *stream(method, json) {
      const args = ['-plaintext', '-max-time', '30', ...header, '-d', '@', address, nameOf(method)];
      let rest = '';
      for await (const chunk of streamTool('grpcurl', args, Buffer.from(json))) {
        rest += chunk.toString();
        // Messages are printed with indents: each ends with the first brace that has none.
        for (let end = rest.search(/^\}$|^\{\}$/m); end >= 0; end = rest.search(/^\}$|^\{\}$/m)) {
          const next = rest.indexOf('}', end) + 1;
          yield rest.slice(0, next);
          rest = rest.slice(next).trimStart();
        }
      }
    },
  });
}

function door(org: string, { say, stream }: Tool): JsonDoor {
  const written = <I extends DescMessage>(input: I, request: MessageInitShape<I>) =>
    JSON.stringify(toJson(input, create(input, request)));
  return {
    org,
    say,
    async call(method, request) {
      const { code, stdout, stderr } = await say(method, written(method.input, request));
      if (code !== 0) throw new Error(`${method.name}: exit code ${code}: ${stdout} ${stderr}`);
      return fromJson(method.output, JSON.parse(stdout) as JsonValue);
    },
    async refusal(method, request) {
      const { code, stdout, stderr } = await say(method, written(method.input, request));
      if (code === 0) throw new Error(`${method.name} did not fail: ${stdout}`);
      return stdout + stderr;
    },
    async *watch(method, request) {
      for await (const text of stream(method, written(method.input, request))) {
        yield fromJson(method.output, JSON.parse(text) as JsonValue);
      }
    },
  };
}
