/** What seals and opens payloads: keys by name, wherever they come from. */

/** 256 bits, and what a reader needs to find them again. */
export interface SealingKey {
  id: string;
  key: Buffer;
  /** The key itself, encrypted by a key management service; null where whoever reads has it by its id. */
  wrapped: Buffer | null;
}

export interface Keys {
  /** For what is written from now on; null: as plain text. */
  sealing(): Promise<SealingKey> | null;
  /** Fails: UndecryptablePayload. */
  opening(id: string, wrapped: Buffer | null): Promise<Buffer>;
}

export const keyBytes = 32;
