/** SNS topics of a simulation: they record what is published. */
import type { SdkRequest, SdkResponse } from '../../emulator/in-process.js';
import { currentProcess } from '../process/simulated-process.js';
import type { SimulatedRequestHandler } from './request-handler.js';

export interface Publication {
  /** Milliseconds since the epoch. */
  atMs: number;
  topicArn: string;
  subject: string;
  /** JSON of the notification. */
  message: string;
}

/** Answers `Publish` as https://docs.aws.amazon.com/sns/latest/api/API_Publish.html shows it. */
export function topicHandlerOf(
  clock: { readonly nowMs: number },
  publications: Publication[],
): SimulatedRequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request) {
      await currentProcess()?.checkpoint();
      publications.push(publicationOf(request, clock.nowMs));
      const id = `00000000-0000-4000-8000-${String(publications.length).padStart(12, '0')}`;
      return { response: responseOf(id) };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}

function publicationOf({ body }: SdkRequest, atMs: number): Publication {
  const fields = new URLSearchParams(typeof body === 'string' ? body : '');
  const message = JSON.parse(fields.get('Message') ?? '{}') as { default?: string; lambda?: string };
  return {
    atMs,
    topicArn: fields.get('TopicArn') ?? '',
    subject: fields.get('Subject') ?? '',
    message: message.lambda ?? message.default ?? '',
  };
}

function responseOf(messageId: string): SdkResponse {
  const xml =
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
    `<MessageId>${messageId}</MessageId></PublishResult>` +
    `<ResponseMetadata><RequestId>${messageId}</RequestId></ResponseMetadata></PublishResponse>`;
  return { statusCode: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) };
}
