/** Answers of the switch itself, in the form that SageMaker's clients expect of an error. */

export class Refusal extends Error {
  override readonly name = 'Refusal';

  /** `type`: what an SDK shows as the error's name. */
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
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
