// Writes golden.jsonl: two clear images of each digit, as requests with their expected answers.
//
// Clear means: a reference model, which has never seen the image, is sure of it. Thin strokes are preferred: they
// round to small files. Run it after a change of the request's form: `node examples/digits-classifier/make-golden.mjs`.
import { writeFile } from 'node:fs/promises';
import { readImages } from './images.mjs';
import { classify, learn, newModel } from './softmax.mjs';

const reference = newModel({ pixelScale: 1, stable: true });
for (let epoch = 0; epoch < 3; epoch += 1) {
  for (const { pixels, digit } of await readImages(0, 4000)) learn(reference, pixels, digit, 0.01);
}

const candidates = (await readImages(8000, 8600)).filter((image) => {
  const prediction = classify(reference, image.pixels);
  return prediction.digit === image.digit && prediction.probability > 0.9;
});
const ink = ({ pixels }) => pixels.reduce((sum, pixel) => sum + pixel, 0);
const golden = Array.from({ length: 10 }, (_, digit) =>
  candidates
    .filter((image) => image.digit === digit)
    .sort((a, b) => ink(a) - ink(b))
    .slice(0, 2),
).flat();

const lines = golden.map(({ pixels, digit }) =>
  JSON.stringify({
    body: { pixels: pixels.map((pixel) => Math.round(pixel * 100) / 100) },
    contentType: 'application/json',
    expect: { digit },
  }),
);
await writeFile(new URL('golden.jsonl', import.meta.url), lines.join('\n') + '\n');
