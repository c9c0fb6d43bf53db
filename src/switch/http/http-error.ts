/** Answers of the switch itself, in the form that SageMaker's clients expect of an error. */

export class HttpError extends Error {
  override readonly name = 'Refusal';

  /** `type`: what an SDK shows as the error's name. `cause`: for the log, not for the client. */
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    override readonly cause: unknown = null,
  ) {
    super(message);
  }

  /** The cause, with where it came from; nothing of it is for the client. */
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
