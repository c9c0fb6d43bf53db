/** Creates the codec from the environment. */
import { InvalidEncryptionKeys } from './codec-errors.js';
import { awsKms } from './aws-kms.js';
import { EncryptionCodec } from './encryption-codec.js';
import { KeyRing, keysVariable } from './key-ring.js';
import type { Keys } from './keys.js';
import { KmsKeys } from './kms-keys.js';

export const kmsVariable = 'PENSTOCK_ENCRYPTION_KMS_KEYS';

const arnForm = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

export interface CodecSettings {
  codec: EncryptionCodec;
  /** True if new payloads are encrypted. */
  encrypts: boolean;
}

type CodecEnvironment = Record<string, string | undefined>;

/**
 * Without a key, the codec encrypts nothing and reports the missing key of encrypted payloads. With a KMS key, KMS
 * encrypts; the keys of the environment still decrypt. Fails: InvalidEncryptionKeys.
 */
export function readCodec(env: CodecEnvironment = process.env): CodecSettings {
  const given = env[keysVariable] ?? '';
  const ring = given === '' ? KeyRing.empty : KeyRing.parse(given);
  const [first, ...more] = arnsIn(env[kmsVariable] ?? '');
  const kms = first === undefined ? null : new KmsKeys({ kms: awsKms(), keyArns: [first, ...more] });
  const keys = kms === null ? ring : both(kms, ring);
  return { codec: new EncryptionCodec(keys), encrypts: kms !== null || ring.ids.length > 0 };
}

function both(kms: KmsKeys, ring: KeyRing): Keys {
  return {
    sealing: () => kms.sealing(),
    opening: (id, wrapped) => (wrapped === null ? ring.opening(id) : kms.opening(id, wrapped)),
  };
}

function arnsIn(text: string): string[] {
  const arns = text
    .split(',')
    .map((arn) => arn.trim())
    .filter((arn) => arn !== '');
  const invalid = arns.find((arn) => !arnForm.test(arn));
  if (invalid === undefined) return arns;
  throw new InvalidEncryptionKeys(
    `${kmsVariable}: expected ARNs of KMS keys, such as arn:aws:kms:eu-central-1:111122223333:key/UUID, separated by ` +
      `commas; entry ${arns.indexOf(invalid) + 1} is not one (an alias is rejected, because it may move to another key)`,
  );
}
