const remembered = 500;

/** The last two different answers to each describe request: what a replica that lags behind would say. */
export class PreviousResponses {
  private readonly answers = new Map<string, { latest: object; earlier: object | null }>();

  /** Call it with each true answer. Null where the request has never had another one. */
  remember(operation: string, input: unknown, output: object): object | null {
    if (!operation.startsWith('Describe')) return null;
    const key = `${operation} ${JSON.stringify(input)}`;
    const known = this.answers.get(key);
    const changed = !known || JSON.stringify(known.latest) !== JSON.stringify(output);
    const entry = changed ? { latest: structuredClone(output), earlier: known?.latest ?? null } : known;
    // The least recently asked goes first.
    this.answers.delete(key);
    this.answers.set(key, entry);
    const [oldest] = this.answers.keys();
    if (this.answers.size > remembered && oldest !== undefined) this.answers.delete(oldest);
    return entry.earlier;
  }
}
