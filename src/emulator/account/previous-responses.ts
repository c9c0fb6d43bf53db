const remembered = 500;

/** The last two different responses to each describe request, to emulate a replica that lags behind. */
export class PreviousResponses {
  /** `text`: the JSON of `latest`. */
  private readonly answers = new Map<string, { latest: object; text: string; earlier: object | null }>();

  /** Stores a true response. Returns the previous different one, or null. */
  remember(operation: string, input: unknown, output: object): object | null {
    if (!operation.startsWith('Describe')) return null;
    const key = `${operation} ${JSON.stringify(input)}`;
    const known = this.answers.get(key);
    const text = JSON.stringify(output);
    const changed = known?.text !== text;
    const entry = changed ? { latest: structuredClone(output), text, earlier: known?.latest ?? null } : known;
    // The entry that was requested longest ago is dropped first.
    this.answers.delete(key);
    this.answers.set(key, entry);
    const [oldest] = this.answers.keys();
    if (this.answers.size > remembered && oldest !== undefined) this.answers.delete(oldest);
    return entry.earlier;
  }
}
