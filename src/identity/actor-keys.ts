/** The public keys of actors by name, on a worker. An actor may have two keys during a rotation. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvalidActorKeys, describePem } from './invalid-actor-keys.js';

export const keysVariable = 'PENSTOCK_ACTOR_KEYS';

const expected =
  'the path of a JSON file such as {"ada": ["-----BEGIN PUBLIC KEY-----\\n..."]}: for each actor a list of Ed25519 public keys ' +
  'as SPKI PEM, as `openssl pkey -pubout` makes them';

export class ActorKeys {
  private constructor(private readonly keys: ReadonlyMap<string, readonly KeyObject[]>) {}

  /** Null if the environment names no file. Fails: InvalidActorKeys. */
  static read(env: Record<string, string | undefined> = process.env): ActorKeys | null {
    const path = env[keysVariable] ?? '';
    return path === '' ? null : ActorKeys.parse(readText(path), `${keysVariable} (${path})`);
  }

  /** `where`: the origin of the text, for messages. Fails: InvalidActorKeys. */
  static parse(text: string, where: string): ActorKeys {
    const json = parseJson(text, where);
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new InvalidActorKeys(where, `${typeName(json)} instead of an object`, expected);
    const entries = Object.entries(json).map(([actor, keys]): [string, KeyObject[]] => [
      actor,
      parseKeys(actor, keys, where),
    ]);
    return new ActorKeys(new Map(entries));
  }

  /** The keys of an actor; empty for an unknown actor. */
  of(actor: string): readonly KeyObject[] {
    return this.keys.get(actor) ?? [];
  }
}

function parseKeys(actor: string, keys: unknown, where: string): KeyObject[] {
  const place = `${where}, actor ${JSON.stringify(actor.slice(0, 100))}`;
  if (actor.trim() === '') throw new InvalidActorKeys(place, 'an empty name', expected);
  if (!Array.isArray(keys) || keys.length === 0) {
    const found = Array.isArray(keys) ? 'an empty list' : `${typeName(keys)} instead of a list`;
    throw new InvalidActorKeys(place, found, expected);
  }
  return keys.map((pem: unknown, index) => parseKey(pem, `${place}, key ${index + 1}`));
}

/** Rejects private keys, although Node could derive the public key: they must not be on a worker. */
function parseKey(pem: unknown, place: string): KeyObject {
  if (typeof pem !== 'string') throw new InvalidActorKeys(place, typeName(pem), expected);
  const key = pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----') ? keyIn(pem) : null;
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const found = key === null ? describePem(pem) : `a key of type ${key.asymmetricKeyType}`;
  throw new InvalidActorKeys(place, found, expected);
}

function keyIn(pem: string): KeyObject | null {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidActorKeys(`${keysVariable} (${path})`, `no readable file (${code})`, expected);
  }
}

/** The parser's own message is not shown: it quotes the text, which may contain a key. */
function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidActorKeys(where, 'invalid JSON', expected);
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
