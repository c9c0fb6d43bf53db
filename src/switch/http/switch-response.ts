import type { HttpError } from './http-error.js';

/** Where the answer to one call goes: an HTTP response, or what a Lambda returns. */
export interface SwitchResponse {
  /** `headers`: name, value, name, value, ... Called once. */
  start(status: number, headers: string[]): void;
  /** False: the client reads slowly, and `onDrain` tells when it has caught up. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** In place of `start` to `end`; nothing where the client has gone or an answer was begun. */
  refuse(refusal: HttpError): void;
  /** What was begun cannot be finished; the client must not take it for the whole. */
  destroy(): void;
  onDrain(resume: () => void): void;
  /** The client has hung up before the end. */
  onGone(give: () => void): void;
}
