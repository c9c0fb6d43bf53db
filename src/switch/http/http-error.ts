/** An error response of the switch itself, in the format of SageMaker's errors. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  /** `type`: the error name that an SDK shows. `cause`: for the log, never for the client. */
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    override readonly cause: unknown = null,
  ) {
    super(message);
  }

  /** The cause with its stack, for the log. The client must not get it. */
  get detail(): string {
    return this.cause instanceof Error
      ? (this.cause.stack ?? this.cause.message)
      : JSON.stringify(this.cause);
  }

  get body(): Buffer {
    return Buffer.from(JSON.stringify({ Message: this.message }));
  }

  /** Name, value, name, value, ... */
  get headers(): string[] {
    const { length } = this.body;
    return [
      'content-type',
      'application/json',
      'content-length',
      String(length),
      'x-amzn-errortype',
      this.type,
    ];
  }
}
