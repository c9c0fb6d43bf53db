/** AWS's clock. AWS refuses a signature whose time is more than five minutes off, and returns its own time. */
const toleranceMs = 4 * 60_000;

export class AwsClock {
  private offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /**
   * Reads the time from a response that refuses a signature. True if the time was the reason: the request can then be
   * signed again, like the SDKs do. `date`: header of the response.
   */
  correct(date: string | undefined, signedMs: number): boolean {
    const theirs = Date.parse(date ?? '');
    if (Number.isNaN(theirs) || Math.abs(theirs - signedMs) < toleranceMs) return false;
    this.offsetMs = theirs - Date.now();
    return true;
  }
}
