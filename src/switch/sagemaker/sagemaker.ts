/** SageMaker Runtime, as the switch calls it: signed, over connections that stay open, the answer passed on as it comes. */
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

/** Takes one answer. `begin` says where the body goes. */
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
  /** For the answer's head, and between two parts of its body. */
  answerMs: number;
}

export class SageMaker {
  private readonly pool: Pool;
  private readonly signer: Signer;
  private readonly clock = new AwsClock();

  constructor(
    private readonly access: AwsAccess,
    { maxConnections, answerMs }: Connections,
  ) {
    this.signer = new Signer(access.region, 'sagemaker');
    this.pool = new Pool(access.origin, {
      connections: maxConnections,
      pipelining: 1,
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      connect: { timeout: 5000 },
      keepAliveTimeout: 20_000,
    });
  }

  /** `onStart` gets what ends the call early. Rejects with a Refusal where SageMaker cannot be reached or does not answer. */
  async invoke(outgoing: Outgoing, taker: ResponseSink, onStart: (abort: () => void) => void): Promise<void> {
    const credentials = this.access.fresh() ?? (await this.refreshed());
    const signedMs = this.clock.now();
    const first = new Exchange(taker, onStart);
    await this.send(outgoing, credentials, first)
      .catch(async (error: unknown) => {
        if (!this.mayRepeat(error, first, signedMs)) throw error;
        await this.send(outgoing, credentials, new Exchange(taker, onStart));
      })
      .catch((error: unknown) => {
        throw explain(error);
      });
  }

  /** As every SDK does. */
  private mayRepeat(error: unknown, { hasBegun }: Exchange, signedMs: number): boolean {
    // The clock of this machine may be wrong.
    if (error instanceof SignatureRefused) return this.clock.correct(error.date, signedMs);
    // The other side may close a connection that was idle just as a request goes out on it.
    return error instanceof errors.SocketError && !hasBegun;
  }

  private async refreshed(): Promise<Credentials> {
    return this.access.refresh().catch((error: unknown) => {
      throw new HttpError(503, 'ServiceUnavailable', 'The switch has no AWS credentials.', error);
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
  /** Why the answer is not for the client. */
  private withheld: HttpError | null = null;
  private resolve!: () => void;
  private reject!: (error: unknown) => void;

  constructor(
    private readonly taker: ResponseSink,
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
    if (this.withheld === null) this.taker.begin(status, headers, controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.withheld !== null) return;
    if (!this.taker.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.withheld === null) this.resolve();
    else this.reject(this.withheld);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}

/** AWS explains a wrong signature with the request as the switch has sent it, its session token and all. */
function withhold(headers: IncomingHttpHeaders): HttpError | null {
  const type = String(headers['x-amzn-errortype'] ?? '');
  return /^(InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|RequestExpired)/.test(type)
    ? new SignatureRefused(headers.date)
    : null;
}

class SignatureRefused extends HttpError {
  /** `date`: when, by AWS's clock. */
  constructor(readonly date: string | undefined) {
    super(503, 'ServiceUnavailable', 'SageMaker Runtime does not take the credentials of the switch.');
  }
}

/** Nobody is left to answer. */
export class ClientDisconnected extends Error {
  override readonly name = 'ClientDisconnected';
}

function explain(error: unknown): unknown {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new HttpError(504, 'ServiceUnavailable', 'SageMaker Runtime did not answer in time.');
  if (error instanceof ClientDisconnected || error instanceof HttpError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new HttpError(503, 'ServiceUnavailable', `SageMaker Runtime cannot be reached: ${code}.`);
}
