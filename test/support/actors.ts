/** Actors who sign their commands, with key files in the form that the programs read. */
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
  /** The file of public keys for a worker. */
  readonly keysFile = join(this.folder, 'actors.json');
  private readonly pairs: ReadonlyMap<string, KeyPair>;

  /** `unknown`: actors with keys that are not in the worker's file. */
  constructor(known: string[], unknown: string[] = []) {
    this.pairs = new Map([...known, ...unknown].map((name) => [name, makeKeyPair()]));
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

  /** Signs with the key of `name`, which may differ from the actor in the statement. */
  sign(name: string, statement: SignedCommand, now = new Date()): Promise<string> {
    const key = ActorKey.read({ PENSTOCK_ACTOR_KEY_FILE: this.keyFile(name) });
    if (key === null) throw new Error('no key');
    return key.sign(statement, now);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
