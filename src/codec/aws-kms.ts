/** AWS KMS. The SDK is loaded at the first use, because most processes have no KMS key. */
import type * as Sdk from '@aws-sdk/client-kms';
import { keyBytes } from './keys.js';
import type { Kms } from './kms-keys.js';

/** KMS binds the context to the wrapped key. CloudTrail shows it. */
export const encryptionContext = { purpose: 'penstock-payloads' };

export function awsKms(): Kms {
  const clients = new Map<string, Sdk.KMSClient>();
  const client = ({ KMSClient }: typeof Sdk, keyArn: string): Sdk.KMSClient => {
    const region = keyArn.split(':')[3] ?? '';
    const made = clients.get(region) ?? new KMSClient({ region });
    clients.set(region, made);
    return made;
  };
  return {
    async generateDataKey(keyArn) {
      const sdk = await import('@aws-sdk/client-kms');
      const made = await client(sdk, keyArn).send(
        new sdk.GenerateDataKeyCommand({
          KeyId: keyArn,
          NumberOfBytes: keyBytes,
          EncryptionContext: encryptionContext,
        }),
      );
      return { key: bytesOf(made.Plaintext), wrapped: bytesOf(made.CiphertextBlob) };
    },
    async decrypt(keyArn, wrapped) {
      const sdk = await import('@aws-sdk/client-kms');
      const opened = await client(sdk, keyArn).send(
        new sdk.DecryptCommand({
          KeyId: keyArn,
          CiphertextBlob: wrapped,
          EncryptionContext: encryptionContext,
        }),
      );
      return bytesOf(opened.Plaintext);
    },
  };
}

function bytesOf(bytes: Uint8Array | undefined): Buffer {
  if (bytes === undefined) throw new Error('KMS returned no key');
  return Buffer.from(bytes);
}
