/** The switch as a Lambda function behind an HTTP API (payload 2.0) or a function URL. */
import type { IncomingHttpHeaders } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpError } from './http-error.js';
import { bodyTooLarge } from './request-body.js';
import type { SwitchResponse } from './switch-response.js';
import { handleRequest, sendFailure } from './routes.js';
import type { SwitchCore } from '../start-switch.js';

export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** A Lambda function does not run between two requests, so work that is due is done before the response. */
export function lambdaHandler(core: SwitchCore): LambdaHandler {
  return async (event) => {
    const response = new LambdaResponse();
    const { method } = event.requestContext.http;
    const request = { method, url: urlOf(event), headers: headersOf(event), readBody: bodyReader(event) };
    await handleRequest(core.parts, request, response, false).catch((error: unknown) =>
      sendFailure(core.parts, response, error),
    );
    await core.flush();
    return response.result();
  };
}

/** API Gateway puts the name of the stage before the path, except for the default stage. */
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
    return Promise.reject(bodyTooLarge(maxBytes));
  };
}

/** Collects the response, because a Lambda function returns it as one document. */
class LambdaResponse implements SwitchResponse {
  private status = 500;
  private headers: Record<string, string> = {};
  private readonly cookies: string[] = [];
  private readonly chunks: Uint8Array[] = [];
  private isComplete = false;

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
    this.isComplete = true;
  }

  sendError({ status, headers, body }: HttpError): void {
    if (this.isComplete) return;
    this.start(status, headers);
    this.chunks.splice(0, Infinity, body);
    this.end();
  }

  /** Discards an incomplete response: none of it has been sent. */
  destroy(): void {
    this.isComplete = false;
    this.cookies.splice(0);
    this.headers = {};
  }

  onDrain(): void {}

  onDisconnect(): void {}

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
