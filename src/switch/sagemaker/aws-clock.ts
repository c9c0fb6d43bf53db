/** AWS's clock, as far as it must be known: AWS refuses what is signed more than five minutes off, and says its own time. */
const toleranceMs = 4 * 60_000;

export class AwsClock {
  private offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /**
   * From an answer that refuses a signature. True where its time is the reason, so that it may be signed again. As every
   * SDK does it. `date`: the answer's header.
   */
  correct(date: string | undefined, signedMs: number): boolean {
    const theirs = Date.parse(date ?? '');
    if (Number.isNaN(theirs) || Math.abs(theirs - signedMs) < toleranceMs) return false;
    this.offsetMs = theirs - Date.now();
    return true;
  }
}
