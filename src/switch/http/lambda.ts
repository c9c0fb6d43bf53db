/** The switch as a Lambda function behind an HTTP API (payload 2.0) or a function URL. */
import type { IncomingHttpHeaders } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { HttpError } from './http-error.js';
import type { SwitchResponse } from './switch-response.js';
import { handleRequest, answerFailure } from './routes.js';
import type { SwitchCore } from '../start-switch.js';

export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** Nothing runs between two requests, so whatever is due is done before the answer. */
export function lambdaHandler(core: SwitchCore): LambdaHandler {
  return async (event) => {
    const reply = new LambdaReply();
    const { method } = event.requestContext.http;
    const request = { method, url: urlOf(event), headers: headersOf(event), readBody: bodyReader(event) };
    await handleRequest(core.parts, request, reply, false).catch((error: unknown) =>
      answerFailure(core.parts, reply, error),
    );
    await core.settle();
    return reply.result();
  };
}

/** The name of a stage stands before the path, save of the default one. */
function urlOf({ rawPath, rawQueryString, requestContext: { stage } }: APIGatewayProxyEventV2): string {
  const prefix = `/${stage}/`;
  const path =
    stage !== '$default' && rawPath.startsWith(prefix) ? rawPath.slice(prefix.length - 1) : rawPath;
  return rawQueryString === '' ? path : `${path}?${rawQueryString}`;
}

function headersOf({ headers, cookies }: APIGatewayProxyEventV2): IncomingHttpHeaders {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...Object.fromEntries(named), ...(cookies === undefined ? {} : { cookie: cookies.join('; ') }) };
}

function bodyReader({ body = '', isBase64Encoded }: APIGatewayProxyEventV2) {
  return (maxBytes: number): Promise<Buffer> => {
    const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
    if (bytes.length <= maxBytes) return Promise.resolve(bytes);
    return Promise.reject(
      new HttpError(413, 'ValidationError', `The body is larger than ${maxBytes} bytes.`),
    );
  };
}

/** Collects the answer: Lambda returns it whole. */
class LambdaReply implements SwitchResponse {
  private status = 500;
  private headers: Record<string, string> = {};
  private readonly cookies: string[] = [];
  private readonly chunks: Uint8Array[] = [];
  private isWhole = false;

  start(status: number, headers: string[]): void {
    this.status = status;
    for (let i = 0; i < headers.length; i += 2) {
      const [name = '', value = ''] = headers.slice(i, i + 2);
      if (name === 'set-cookie') this.cookies.push(value);
      // Lambda counts the bytes itself.
      else if (name !== 'content-length') this.headers[name] = value;
    }
  }

  write(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return true;
  }

  end(): void {
    this.isWhole = true;
  }

  refuse({ status, headers, body }: HttpError): void {
    if (this.isWhole) return;
    this.start(status, headers);
    this.chunks.splice(0, Infinity, body);
    this.end();
  }

  /** Half an answer is none: nothing of it has been sent. */
  destroy(): void {
    this.isWhole = false;
    this.cookies.splice(0);
    this.headers = {};
  }

  onDrain(): void {}

  onGone(): void {}

  result(): APIGatewayProxyStructuredResultV2 {
    return {
      statusCode: this.status,
      headers: this.headers,
      cookies: this.cookies,
      body: Buffer.concat(this.chunks).toString('base64'),
      isBase64Encoded: true,
    };
  }
}
