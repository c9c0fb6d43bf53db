/** A state file that cannot be used. The emulator does not change it. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';

  constructor(file: string, problem: string) {
    super(`Cannot use ${file}: ${problem} The file is unchanged.`);
  }
}
