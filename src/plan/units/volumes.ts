/** Disk sizes as people write them: `50GB`. */

export const volumePattern = /^[1-9]\d{0,4}GB$/;

/** Gigabytes. Throws RangeError where the text is not a size. */
export function parseVolume(text: string): number {
  if (!volumePattern.test(text)) throw new RangeError(`"${text}" is not a size such as 50GB`);
  return Number.parseInt(text, 10);
}
