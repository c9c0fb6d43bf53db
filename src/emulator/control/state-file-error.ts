/** A state file that cannot be used; it is left as it is. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';

  constructor(file: string, problem: string) {
    super(`${file} is not used, and not written to: ${problem}`);
  }
}
