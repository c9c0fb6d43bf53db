/** Encrypts payloads sent to Temporal and decrypts payloads from it. Unencrypted payloads are returned unchanged. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Keys } from './keys.js';
import { isSealed, seal, unseal } from './seal.js';

export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: Keys) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const sealing = await this.keys.sealing();
    return sealing === null ? payloads : payloads.map((each) => seal(each, sealing));
  }

  /**
   * Unencrypted payloads stay readable, so rollouts that started without a key continue. Fails:
   * UndecryptablePayload.
   */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map(async (each) => (isSealed(each) ? unseal(each, this.keys) : each)));
  }
}
