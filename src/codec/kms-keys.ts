/**
 * Data keys from AWS KMS (envelope encryption): each payload carries its data key, encrypted by a key that never leaves
 * KMS. A data key encrypts many payloads, so KMS calls are rare.
 */
import { UndecryptablePayload } from './codec-errors.js';
import type { Keys, SealingKey } from './keys.js';

/** The KMS operations in use. */
export interface Kms {
  generateDataKey(keyArn: string): Promise<{ key: Buffer; wrapped: Buffer }>;
  decrypt(keyArn: string, wrapped: Buffer): Promise<Buffer>;
}

export interface KmsKeysOptions {
  kms: Kms;
  /** ARNs. The first one encrypts, and every one decrypts. */
  keyArns: readonly [string, ...string[]];
  now?: () => number;
}

/** A data key is replaced at the first of these limits, far below the 2^32 payloads that random nonces allow. */
export const dataKeyLimits = { payloads: 100_000, ms: 3_600_000 };
const keptKeys = 500;

interface DataKey {
  sealing: Promise<SealingKey>;
  until: number;
  left: number;
}

export class KmsKeys implements Keys {
  private current: DataKey | null = null;
  private readonly opened = new Map<string, Promise<Buffer>>();
  private readonly now: () => number;

  constructor(private readonly options: KmsKeysOptions) {
    this.now = options.now ?? Date.now;
  }

  has(id: string): boolean {
    return this.options.keyArns.includes(id);
  }

  sealing(): Promise<SealingKey> {
    if (this.current === null || this.current.left <= 0 || this.now() >= this.current.until)
      this.current = this.begin();
    this.current.left--;
    return this.current.sealing;
  }

  async opening(id: string, wrapped: Buffer | null): Promise<Buffer> {
    // The payload names its key. A key that is not configured here may belong to anyone.
    if (!this.has(id) || wrapped === null)
      throw new UndecryptablePayload(id, 'this KMS key is not configured here');
    const name = `${id} ${wrapped.toString('base64')}`;
    const known = this.opened.get(name);
    if (known !== undefined) return known;
    const opened = this.options.kms.decrypt(id, wrapped).catch((error: unknown) => {
      this.opened.delete(name);
      throw new UndecryptablePayload(id, `KMS failed with ${describeKmsError(error)}`, error);
    });
    this.remember(name, opened);
    return opened;
  }

  private begin(): DataKey {
    const [id] = this.options.keyArns;
    const made = this.options.kms.generateDataKey(id);
    const sealing = made.then(({ key, wrapped }) => ({ id, key, wrapped }));
    const next: DataKey = { sealing, until: this.now() + dataKeyLimits.ms, left: dataKeyLimits.payloads };
    sealing.then(
      ({ key, wrapped }) => this.remember(`${id} ${wrapped.toString('base64')}`, Promise.resolve(key)),
      // The next payload tries again.
      () => (this.current = this.current === next ? null : this.current),
    );
    return next;
  }

  private remember(name: string, key: Promise<Buffer>): void {
    this.opened.set(name, key);
    const [oldest] = this.opened.keys();
    if (this.opened.size > keptKeys && oldest !== undefined) this.opened.delete(oldest);
  }
}

function describeKmsError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
