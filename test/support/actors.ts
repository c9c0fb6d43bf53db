/** People who sign their commands, with their keys in files as the programs read them. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActorKey } from '../../src/identity/actor-key.js';
import { ActorKeys } from '../../src/identity/actor-keys.js';
import type { SignedCommand } from '../../src/identity/signed-command.js';

export interface KeyPair {
  privatePem: string;
  publicPem: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export class Actors {
  readonly folder = mkdtempSync(join(tmpdir(), 'penstock-actors-'));
  /** What a worker is given. */
  readonly keysFile = join(this.folder, 'actors.json');
  private readonly pairs: ReadonlyMap<string, KeyPair>;

  /** `strangers` have keys that no worker knows. */
  constructor(known: string[], strangers: string[] = []) {
    this.pairs = new Map([...known, ...strangers].map((name) => [name, makeKeyPair()]));
    for (const [name, { privatePem }] of this.pairs) writeFileSync(this.keyFile(name), privatePem);
    const keys = known.map((name) => [name, [this.pairOf(name).publicPem]]);
    writeFileSync(this.keysFile, JSON.stringify(Object.fromEntries(keys)));
  }

  get keys(): ActorKeys {
    const keys = ActorKeys.read({ PENSTOCK_ACTOR_KEYS: this.keysFile });
    if (keys === null) throw new Error('no keys');
    return keys;
  }

  keyFile(name: string): string {
    return join(this.folder, `${name}.pem`);
  }

  pairOf(name: string): KeyPair {
    const pair = this.pairs.get(name);
    if (!pair) throw new Error(`${name} has no key`);
    return pair;
  }

  /** With the key of `name`, whoever the statement says it is from. */
  sign(name: string, statement: SignedCommand, now = new Date()): Promise<string> {
    const key = ActorKey.read({ PENSTOCK_ACTOR_KEY_FILE: this.keyFile(name) });
    if (key === null) throw new Error('no key');
    return key.sign(statement, now);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
