/** PENSTOCK_ACTOR_KEY_FILE or PENSTOCK_ACTOR_KEYS cannot be used as it is. The message shows nothing that may be a key. */
export class InvalidActorKeys extends Error {
  override readonly name = 'InvalidActorKeys';

  constructor(where: string, found: string, allowed: string) {
    super(`${where}: found ${found}; allowed: ${allowed}`);
  }
}

/** What stands in the place of a key, without anything of it that may be secret. */
export function describePem(text: string): string {
  const [, label] = /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text) ?? [];
  return label === undefined ? 'no PEM' : `a PEM of "${label}"`;
}
