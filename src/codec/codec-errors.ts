/** What can go wrong with encrypted payloads. Messages name keys by their ids, never by anything of the key itself. */

/** PENSTOCK_ENCRYPTION_* cannot be used as they are. */
export class InvalidEncryptionKeys extends Error {
  override readonly name = 'InvalidEncryptionKeys';
}

/** A payload that is encrypted and cannot be read here. */
export class UndecryptablePayload extends Error {
  override readonly name = 'UndecryptablePayload';

  constructor(
    readonly keyId: string,
    why: string,
    cause?: unknown,
  ) {
    super(
      `A payload encrypted with key ${quoted(keyId)} ${why}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

const maxIdLength = 200;

/** The id comes with the payload: whoever wrote that may have written anything. */
function quoted(keyId: string): string {
  return JSON.stringify(keyId.length > maxIdLength ? `${keyId.slice(0, maxIdLength)}…` : keyId);
}
