/** The private key with which an actor signs commands. */
import { createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { InvalidActorKeys, describePem } from './invalid-actor-keys.js';
import { algorithm, audience, claimsOf, lifetimeSeconds, type SignedCommand } from './signed-command.js';

export const keyFileVariable = 'PENSTOCK_ACTOR_KEY_FILE';

const expected =
  'the path of an Ed25519 private key as PKCS#8 PEM, without a passphrase, as `openssl genpkey -algorithm ed25519` makes it; ' +
  'without the variable, commands are sent unverified';

export class ActorKey {
  private constructor(private readonly key: KeyObject) {}

  /** Null if the environment names no key. Fails: InvalidActorKeys. */
  static read(env: Record<string, string | undefined> = process.env): ActorKey | null {
    const path = env[keyFileVariable] ?? '';
    return path === '' ? null : new ActorKey(readKey(path));
  }

  /** An Ed25519 private key of this process. */
  static of(key: KeyObject): ActorKey {
    return new ActorKey(key);
  }

  /** Returns a compact JWS. It is not secret: it is valid once, only for this command. */
  async sign(statement: SignedCommand, now = new Date()): Promise<string> {
    const seconds = Math.floor(now.getTime() / 1000);
    return new SignJWT(claimsOf(statement))
      .setProtectedHeader({ alg: algorithm })
      .setSubject(statement.actor)
      .setAudience(audience)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.key);
  }
}

function readKey(path: string): KeyObject {
  const where = `${keyFileVariable} (${path})`;
  const pem = readPem(path, where);
  const key = keyIn(pem);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const found = key === null ? describePem(pem) : `a key of type ${key.asymmetricKeyType}`;
  throw new InvalidActorKeys(where, found, expected);
}

function readPem(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidActorKeys(where, `no readable file (${code})`, expected);
  }
}

/** Null if the text is not a private key. OpenSSL's error message would not help the user. */
function keyIn(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
