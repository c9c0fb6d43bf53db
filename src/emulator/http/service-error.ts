/** An error of a service. Each wire protocol has its own format for it. */
export class ServiceError extends Error {
  constructor(
    /** SDKs show it as `err.name`. */
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the error shape. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
