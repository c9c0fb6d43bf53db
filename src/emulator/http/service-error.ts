/** An error as a service answers it; each wire protocol has its own way to say it. */
export class ServiceError extends Error {
  constructor(
    /** What SDKs show as `err.name`. */
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the error's shape. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
