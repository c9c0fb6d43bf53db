/** Keys that encrypt and decrypt payloads, from the environment or from KMS. */

/** A 256-bit key, and the information with which a reader finds it. */
export interface SealingKey {
  id: string;
  key: Buffer;
  /** The key, encrypted by a key management service. Null if readers have the key by its id. */
  wrapped: Buffer | null;
}

export interface Keys {
  /** The key for new payloads. Null: they are not encrypted. */
  sealing(): Promise<SealingKey> | null;
  /** Fails: UndecryptablePayload. */
  opening(id: string, wrapped: Buffer | null): Promise<Buffer>;
}

export const keyBytes = 32;
