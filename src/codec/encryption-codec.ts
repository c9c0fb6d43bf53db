/** Encrypts what goes to Temporal and decrypts what comes from there; what is not encrypted comes back as it is. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Keys } from './keys.js';
import { isSealed, seal, unseal } from './seal.js';

export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: Keys) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const sealing = await this.keys.sealing();
    return sealing === null ? payloads : payloads.map((each) => seal(each, sealing));
  }

  /** Rollouts that were begun before there was a key go on. Fails: UndecryptablePayload. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map(async (each) => (isSealed(each) ? unseal(each, this.keys) : each)));
  }
}
