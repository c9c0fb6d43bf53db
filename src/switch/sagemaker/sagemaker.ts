/** The client of SageMaker Runtime: signs requests, keeps connections open, and streams responses. */
import type { IncomingHttpHeaders } from 'node:http';
import { errors, Pool, type Dispatcher } from 'undici';
import type { AwsAccess } from './aws-access.js';
import { AwsClock } from './aws-clock.js';
import { HttpError } from '../http/http-error.js';
import { Signer, type Credentials } from './signer.js';

export interface Outgoing {
  path: string;
  /** Name, value, name, value, ... */
  headers: readonly string[];
  body: Buffer;
}

/** Receives one response. */
export interface ResponseSink {
  begin(status: number, headers: IncomingHttpHeaders, flow: Flow): void;
  /** False: pause until `flow.resume`. */
  data(chunk: Buffer): boolean;
}

export interface Flow {
  resume(): void;
}

export interface Connections {
  maxConnections: number;
  /** Max wait for the head of the response, and between two parts of its body. */
  responseTimeoutMs: number;
}

export class SageMaker {
  private readonly pool: Pool;
  private readonly signer: Signer;
  private readonly clock = new AwsClock();

  constructor(
    private readonly access: AwsAccess,
    { maxConnections, responseTimeoutMs }: Connections,
  ) {
    this.signer = new Signer(access.region, 'sagemaker');
    this.pool = new Pool(access.origin, {
      connections: maxConnections,
      pipelining: 1,
      headersTimeout: responseTimeoutMs,
      bodyTimeout: responseTimeoutMs,
      connect: { timeout: 5000 },
      keepAliveTimeout: 20_000,
    });
  }

  /** `onStart` gets the function that aborts the call. Rejects with HttpError if SageMaker does not respond. */
  async invoke(outgoing: Outgoing, sink: ResponseSink, onStart: (abort: () => void) => void): Promise<void> {
    const credentials = this.access.fresh() ?? (await this.refreshCredentials());
    const signedMs = this.clock.now();
    const first = new Exchange(sink, onStart);
    await this.send(outgoing, credentials, first)
      .catch(async (error: unknown) => {
        if (!this.canRetry(error, first, signedMs)) throw error;
        await this.send(outgoing, credentials, new Exchange(sink, onStart));
      })
      .catch((error: unknown) => {
        throw toHttpError(error);
      });
  }

  /** The same rules as those of the SDKs. */
  private canRetry(error: unknown, { hasBegun }: Exchange, signedMs: number): boolean {
    // The clock of this machine may be wrong.
    if (error instanceof SignatureRefused) return this.clock.correct(error.date, signedMs);
    // SageMaker can close an idle connection just when a request is sent on it.
    return error instanceof errors.SocketError && !hasBegun;
  }

  private async refreshCredentials(): Promise<Credentials> {
    return this.access.refresh().catch((error: unknown) => {
      throw new HttpError(
        503,
        'ServiceUnavailable',
        'The switch has no AWS credentials; see its log.',
        error,
      );
    });
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private send(
    { path, headers, body }: Outgoing,
    credentials: Credentials,
    exchange: Exchange,
  ): Promise<void> {
    const unsigned = { method: 'POST', path: this.access.path + path, host: this.access.host, headers, body };
    const signed = this.signer.sign(unsigned, credentials, this.clock.now());
    this.pool.dispatch({ method: 'POST', path: unsigned.path, headers: signed, body }, exchange);
    return exchange.done;
  }
}

/** One request on the wire: undici's handler. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly done: Promise<void>;
  hasBegun = false;
  /** Why the client must not get the response. */
  private withheld: HttpError | null = null;
  private resolve!: () => void;
  private reject!: (error: unknown) => void;

  constructor(
    private readonly sink: ResponseSink,
    private readonly onStart: (abort: () => void) => void,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.onStart(() => controller.abort(new ClientDisconnected()));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.hasBegun = true;
    this.withheld = withhold(headers);
    if (this.withheld === null) this.sink.begin(status, headers, controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.withheld !== null) return;
    if (!this.sink.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.withheld === null) this.resolve();
    else this.reject(this.withheld);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}

/** AWS explains a wrong signature with the request that the switch sent, including its session token. */
function withhold(headers: IncomingHttpHeaders): HttpError | null {
  const type = String(headers['x-amzn-errortype'] ?? '');
  return /^(InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|RequestExpired)/.test(type)
    ? new SignatureRefused(headers.date)
    : null;
}

class SignatureRefused extends HttpError {
  /** `date`: time of the response by AWS's clock. */
  constructor(readonly date: string | undefined) {
    super(503, 'ServiceUnavailable', 'SageMaker Runtime refuses the credentials of the switch; check them.');
  }
}

/** The client closed the connection before the response was complete. */
export class ClientDisconnected extends Error {
  override readonly name = 'ClientDisconnected';
}

function toHttpError(error: unknown): unknown {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new HttpError(
      504,
      'ServiceUnavailable',
      'SageMaker Runtime did not respond in time; send the request again.',
    );
  if (error instanceof ClientDisconnected || error instanceof HttpError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new HttpError(
    503,
    'ServiceUnavailable',
    `Cannot reach SageMaker Runtime: ${code}; send the request again.`,
  );
}
