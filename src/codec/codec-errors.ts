/** Errors of encrypted payloads. Messages contain the id of a key, never a part of the key. */

/** PENSTOCK_ENCRYPTION_* is invalid. */
export class InvalidEncryptionKeys extends Error {
  override readonly name = 'InvalidEncryptionKeys';
}

/** An encrypted payload that this process cannot decrypt. */
export class UndecryptablePayload extends Error {
  override readonly name = 'UndecryptablePayload';

  constructor(
    readonly keyId: string,
    reason: string,
    cause?: unknown,
  ) {
    super(
      `Cannot decrypt a payload encrypted with key ${quoted(keyId)}: ${reason}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

const maxIdLength = 200;

/** The id is part of the payload, so its writer controls it. */
function quoted(keyId: string): string {
  return JSON.stringify(keyId.length > maxIdLength ? `${keyId.slice(0, maxIdLength)}…` : keyId);
}
