/**
 * Members of an endpoint config that the AWS SDK of this release does not know. It drops them when it reads a config and when it
 * writes one, so a config of the rollout would lose them.
 */
import { buffer } from 'node:stream/consumers';
import type { DescribeEndpointConfigOutput, SageMakerClient } from '@aws-sdk/client-sagemaker';

/** Bodies of answers, by what the SDK made of them. */
const bodies = new WeakMap<object, Uint8Array>();

interface Answer {
  response: { body: unknown };
  output: object;
}

/** From now on, `unknownMembers` knows what the client reads. */
export function keepConfigAnswers(sagemaker: SageMakerClient): void {
  const byResponse = new WeakMap<object, Uint8Array>();
  const isKept = (context: { commandName?: string }) =>
    context.commandName === 'DescribeEndpointConfigCommand';
  sagemaker.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      if (!isKept(context)) return result;
      const { response } = result as Answer;
      const { body } = response;
      const bytes = body instanceof Uint8Array ? body : await buffer(body as AsyncIterable<Uint8Array>);
      byResponse.set(response, bytes);
      response.body = bytes;
      return result;
    },
    // The SDK's own middleware of this step reads the body, and gets it from this one.
    { step: 'deserialize', priority: 'low', name: 'keepBody', override: true },
  );
  sagemaker.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      if (!isKept(context)) return result;
      const { response, output } = result as Answer;
      const bytes = byResponse.get(response);
      if (bytes !== undefined) bodies.set(output, bytes);
      return result;
    },
    { step: 'initialize', name: 'keepAnswer', override: true },
  );
}

/** Paths such as `ProductionVariants[0].AcceleratorPartitionLayouts`. The client of `config` has to keep its answers. */
export function unknownMembers(config: DescribeEndpointConfigOutput): string[] {
  const body = bodies.get(config);
  if (body === undefined) throw new Error('the client of this config does not keep its answers');
  return missingIn(config, JSON.parse(Buffer.from(body).toString('utf8')), '');
}

function missingIn(known: unknown, answer: unknown, path: string): string[] {
  if (Array.isArray(answer))
    return answer.flatMap((item, i) =>
      missingIn(Array.isArray(known) ? known[i] : undefined, item, `${path}[${i}]`),
    );
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([member, value]) => {
    if (value === null) return [];
    const at = path === '' ? member : `${path}.${member}`;
    const found = memberOf(known, member);
    return found === undefined ? [at] : missingIn(found, value, at);
  });
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, member)
    ? (value as Record<string, unknown>)[member]
    : undefined;
}
