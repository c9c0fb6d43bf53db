/** PENSTOCK_ACTOR_KEY_FILE or PENSTOCK_ACTOR_KEYS is invalid. The message contains nothing that may be a key. */
export class InvalidActorKeys extends Error {
  override readonly name = 'InvalidActorKeys';

  constructor(where: string, found: string, expected: string) {
    super(`${where}: got ${found}; expected ${expected}`);
  }
}

/** Describes text that should be a key, without its content, which may be secret. */
export function describePem(text: string): string {
  const [, label] = /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text) ?? [];
  return label === undefined ? 'no PEM data' : `a PEM of "${label}"`;
}
